import { Button } from '@mantine/core';
import { useState } from 'react';
import type { DeadLetterOverview } from '../../../src/api/dead-letters';
import { counted } from '../../parts/format';
import { LateSkeleton } from '../../parts/late-skeleton';
import { EmptyState, ErrorState } from '../../parts/states';
import { View } from '../../parts/view';
import { SearchBox } from '../../search/search-box';
import { listed } from '../words';
import classes from './dead-letters.module.css';
import { Dialogs, type Asked, type Done } from './dialogs';
import { Outcomes } from './outcomes';
import { Panes } from './panes';
import { SelectedMessage } from './selected-message';
import { useDeadLetterNews, useDeadLetterSearch, useOverview } from './use-dead-letters';

const examples: [string, string][] = [
  ['queue:payments.charge-payment', 'the queue it failed in'],
  ['code:gateway_timeout', 'the error’s code'],
  ['orderId:0199…', 'a field of the body, at any depth'],
  ['id:… contract:ChargePayment', 'message id, contract'],
  ['"gateway timed out"', 'words, anywhere in body or error'],
  ['since:2h until:09:30', '15m, 2h, 3d, 09:30, 2026-11-26, 2026-11-26T09:30'],
];

export default function DeadLettersView() {
  useDeadLetterNews();
  const box = useDeadLetterSearch();
  const overview = useOverview(box.search);
  const [asked, ask] = useState<Asked>();
  const [done, setDone] = useState<Done>();
  return (
    <View
      title="Dead letters"
      line={lineOf(overview.data, box.text !== '')}
      fill
      panel={<SelectedMessage search={box.search} onAsk={ask} />}
    >
      <div className={classes.search}>
        <SearchBox
          label="Search dead letters"
          placeholder="queue: code: field:value, or words"
          examples={examples}
          text={box.text}
          terms={box.terms}
          problems={box.problems}
          onText={box.setText}
        />
      </div>
      <Outcomes done={done} onHide={() => setDone(undefined)} onAsk={ask} />
      {overview.isError && (
        <ErrorState
          what="The dead letters could not be read"
          error={overview.error}
          still={
            overview.data
              ? 'What is below is what was read last.'
              : 'They stay where they are, and services go on.'
          }
          onRetry={() => void overview.refetch()}
        />
      )}
      {overview.isPending && <LateSkeleton />}
      {overview.data &&
        (overview.data.groups.length > 0 ? (
          <Panes
            box={box}
            groups={overview.data.groups}
            isStale={overview.isError || overview.isPlaceholderData}
            onAsk={ask}
          />
        ) : (
          <NothingFound
            searched={box.text !== ''}
            missing={overview.data.missing}
            onClear={() => box.setText('')}
          />
        ))}
      {asked && <Dialogs asked={asked} onClose={() => ask(undefined)} onDone={setDone} />}
    </View>
  );
}

/** What is looked at, and what is missing in it. */
function lineOf(overview: DeadLetterOverview | undefined, searched: boolean): string {
  if (!overview) return 'Messages that no try could handle, by cause.';
  const { total, groups, missing } = overview;
  const causes = counted(groups.length, 'cause');
  const messages = counted(total, searched ? 'matching message' : 'message');
  const found = total === 0 ? 'None' : `${messages} of ${causes}`;
  if (missing.length === 0) return `${found}.`;
  const absent = `${listed(missing)} ${missing.length === 1 ? 'does' : 'do'} not answer`;
  return `${found}. ${absent}: what is dead there is not shown.`;
}

type NothingProps = { searched: boolean; missing: string[]; onClear: () => void };

function NothingFound({ searched, missing, onClear }: NothingProps) {
  if (searched) {
    return (
      <EmptyState title="No dead letter matches" hint="All of what is searched for must hold.">
        <Button variant="default" onClick={onClear}>
          Show all
        </Button>
      </EmptyState>
    );
  }
  return missing.length > 0 ? (
    <EmptyState
      title="No dead letters at the services that answer"
      hint={`What is dead at ${listed(missing)} is not known now.`}
    />
  ) : (
    <EmptyState
      title="No dead letters"
      hint="Every message was handled, or still has tries left. What fails for good comes here."
    />
  );
}

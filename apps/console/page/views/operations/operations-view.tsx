import { useState } from 'react';
import type { OperationResult } from '../../../src/api/dead-letters';
import type { OperationRecord } from '../../../src/api/operations';
import { queryClient, useApi } from '../../api/queries';
import { Chip } from '../../parts/chip';
import { LateSkeleton } from '../../parts/late-skeleton';
import { Outcome } from '../../parts/outcome';
import { EmptyState, ErrorState } from '../../parts/states';
import { View } from '../../parts/view';
import { useUrl } from '../../url/search-params';
import { useTimeRange } from '../../url/time-range';
import { operationWords } from '../dead-letters/replay-words';
import { refreshDeadLetters } from '../dead-letters/use-dead-letters';
import { kindOf, kinds } from './operation-kinds';
import { Timeline } from './timeline';
import { UndoDialog } from './undo-dialog';

const path = '/api/operations';

export default function OperationsView() {
  const operations = useApi<{ items: OperationRecord[] }>(path, {}, { everyMs: 10_000 });
  const { get, set } = useUrl();
  const only = get('kind');
  const [asked, ask] = useState<OperationRecord>();
  const [undone, setUndone] = useState<OperationResult>();
  const all = operations.data?.items ?? [];
  const { from = '' } = useTimeRange();
  const shown = all.filter(
    ({ action, at }) => at >= from && (only === undefined || kindOf(action) === only),
  );
  return (
    <View
      title="Operations"
      line="Who did what, when, and to which messages; newest first."
      chips={kinds.map((kind) => (
        <Chip
          key={kind}
          on={only === kind}
          onClick={() => set({ kind: only === kind ? undefined : kind }, { replace: true })}
        >
          {kind}
        </Chip>
      ))}
    >
      {undone && (
        <Outcome onHide={() => setUndone(undefined)}>
          <span>{operationWords('undo', undone)}</span>
        </Outcome>
      )}
      {operations.isPending && <LateSkeleton />}
      {operations.isError && (
        <ErrorState
          what="The operations could not be read"
          error={operations.error}
          still="They are on record: nothing of them is lost."
          onRetry={() => void operations.refetch()}
        />
      )}
      {operations.isSuccess && shown.length === 0 && (
        <EmptyState
          title={all.length > 0 ? 'None of this kind or time' : 'Nobody did anything yet'}
          hint="Replays, discards, paused handlers, alerts and drills are told here."
        />
      )}
      {shown.length > 0 && <Timeline records={shown} onUndo={ask} />}
      {asked?.undo && (
        <UndoDialog
          what={`${asked.action}: ${asked.text}`}
          operation={asked.undo}
          onClose={() => ask(undefined)}
          onDone={(result) => {
            ask(undefined);
            setUndone(result);
            refreshDeadLetters();
            void queryClient.invalidateQueries({ queryKey: [path] });
          }}
        />
      )}
    </View>
  );
}

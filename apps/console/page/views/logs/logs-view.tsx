import { NativeSelect } from '@mantine/core';
import { IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react';
import { useState } from 'react';
import type { LogEntry } from '../../../src/api/logs';
import { useLive } from '../../live/use-live';
import { Chip } from '../../parts/chip';
import { LateSkeleton } from '../../parts/late-skeleton';
import { EmptyState, ErrorState } from '../../parts/states';
import { useListKeys } from '../../parts/use-list-keys';
import { View } from '../../parts/view';
import { levels, readLogSearch } from '../../search/log-search';
import { SearchBox } from '../../search/search-box';
import { termText, withTerm } from '../../search/terms';
import { useSearch } from '../../search/use-search';
import { useUrl } from '../../url/search-params';
import { Alerts } from './alerts';
import { LinePanel } from './line-panel';
import { LogLines } from './log-lines';
import classes from './logs.module.css';
import { isGap } from './tail';
import { useTail } from './use-tail';

const examples: [string, string][] = [
  ['level:warning service:orders', 'one level, one service'],
  ['orderId:0199…', 'a field of the line; up to five'],
  ['trace:4bf92f…', 'all lines of one trace'],
  ['card declined', 'words, in message or fields'],
  ['since:2h until:09:30', '15m, 2h, 3d, 09:30, 2026-11-26'],
];

const kind = {
  read: readLogSearch,
  linked: {
    level: 'level',
    service: 'service',
    traceId: 'trace',
    trace: 'trace',
    orderId: 'orderId',
    q: undefined,
  },
  found: ['line'],
};

export default function LogsView() {
  const { get, set } = useUrl();
  const { text, search, terms, problems, setText } = useSearch(kind);
  const tail = useTail(search);
  const [paused, setPaused] = useState(false);
  const entries = tail.tail.rows.filter((row): row is LogEntry => !isGap(row));
  const selected = get('line');
  const select = (id: string) => set({ line: id }, { replace: selected !== undefined });
  useListKeys({ items: entries, idOf: ({ id }) => id, selected, onMove: select });
  const follow = (on: boolean) => {
    setPaused(false);
    tail.follows(on);
  };
  return (
    <View
      title="Logs"
      line={lineOf(tail, paused, text !== '')}
      fill
      chips={
        <Filters
          text={text}
          level={search.level}
          service={search.service}
          onText={setText}
          paused={paused}
          onPause={() => {
            setPaused(!paused);
            tail.follows(paused);
          }}
        />
      }
      panel={
        selected !== undefined && (
          <LinePanel
            entry={entries.find(({ id }) => id === selected)}
            onClose={() => set({ line: undefined })}
          />
        )
      }
    >
      <div className={classes.search}>
        <SearchBox
          label="Search logs"
          placeholder="level: service: field:value, or words"
          examples={examples}
          text={text}
          terms={terms}
          problems={problems}
          onText={setText}
        />
      </div>
      <Alerts
        onFilter={({ level, service, message }) =>
          setText([`level:${level}`, `service:${service}`, termText(undefined, message)].join(' '))
        }
      />
      <Lines
        tail={tail}
        paused={paused}
        onFollow={follow}
        selected={selected}
        onSelect={select}
        onFilter={(key, value) => setText(withTerm(text, key, value))}
        searched={text !== ''}
        onClear={() => setText('')}
      />
    </View>
  );
}

type LinesProps = Omit<React.ComponentProps<typeof LogLines>, 'tail' | 'older'> & {
  tail: ReturnType<typeof useTail>;
  searched: boolean;
  onClear: () => void;
};

function Lines({ tail, searched, onClear, ...props }: LinesProps) {
  if (tail.problem !== undefined && tail.tail.rows.length === 0) {
    return (
      <ErrorState
        what="The lines could not be read"
        error={tail.problem}
        still="Services write on; log-sink stores what it gets."
        onRetry={tail.again}
      />
    );
  }
  if (tail.tail.rows.length > 0) {
    const older = { has: tail.hasOlder, load: tail.loadOlder };
    return <LogLines {...props} tail={tail.tail} older={older} />;
  }
  if (!tail.loaded) return <LateSkeleton lines={12} />;
  return (
    <EmptyState
      title={searched ? 'No line fits' : 'No lines yet'}
      hint={
        searched
          ? 'Lines that fit appear here as they come.'
          : 'Services write one when something happens: place an order.'
      }
    >
      {searched && <Chip onClick={onClear}>Show all</Chip>}
    </EmptyState>
  );
}

function lineOf(
  { live, stream, tail }: ReturnType<typeof useTail>,
  paused: boolean,
  searched: boolean,
): string {
  if (!live) return 'Lines of the past: the search has an end.';
  if (stream === 'reconnecting') return 'The tail is away and comes again; lines may be missing.';
  if (paused) return 'Paused. Lines that come are counted, and shown when you go on.';
  if (!tail.following) return 'You read; new lines wait until you are back at the end.';
  return searched
    ? 'Lines that fit the search, newest last, as they come.'
    : 'Every line of every service, newest last, as it comes.';
}

interface FiltersProps {
  text: string;
  level?: string;
  service?: string;
  paused: boolean;
  onText: (text: string) => void;
  onPause: () => void;
}

function Filters({ text, level, service, paused, onText, onPause }: FiltersProps) {
  const services = useLive((live) => live.services);
  const names = [...services.keys(), ...(service && !services.has(service) ? [service] : [])];
  const Icon = paused ? IconPlayerPlay : IconPlayerPause;
  return (
    <>
      {levels.map((each) => (
        <Chip
          key={each}
          on={each === level}
          onClick={() => onText(withTerm(text, 'level', each === level ? undefined : each))}
        >
          {each}
        </Chip>
      ))}
      <NativeSelect
        size="xs"
        aria-label="Service"
        value={service ?? ''}
        data={[
          { value: '', label: 'All services' },
          ...names.map((name) => ({ value: name, label: name })),
        ]}
        onChange={(event) =>
          onText(withTerm(text, 'service', event.currentTarget.value || undefined))
        }
      />
      <Chip on={paused} onClick={onPause}>
        <Icon size={14} aria-hidden /> {paused ? 'Go on' : 'Pause'}
      </Chip>
    </>
  );
}

import { lazy, Suspense, useMemo } from 'react';
import type { History } from '../../../src/api/live';
import { useApi } from '../../api/queries';
import type { ChartLine } from '../../parts/chart';
import { bytes, count, duration, perSecond } from '../../parts/format';
import { Problem } from '../../parts/states';

const Chart = lazy(() => import('../../parts/chart').then(({ Chart }) => ({ default: Chart })));

interface Kind {
  title: string;
  matches: RegExp;
  format: (value: number) => string;
}

/** What is counted has no halves. */
function whole(value: number): string {
  return Number.isInteger(value) ? count(value) : '';
}

/** What has one unit stands in one chart. */
const kinds: Kind[] = [
  { title: 'Messages a second', matches: /rate$/i, format: perSecond },
  { title: 'Memory', matches: /bytes$/i, format: bytes },
  { title: 'Of one core', matches: /cpu$/i, format: (value) => `${Math.round(value * 100)} %` },
  { title: 'Time', matches: /ms$/i, format: duration },
  { title: 'Messages', matches: /./, format: whole },
];

const names: Record<string, string> = {
  inRate: 'in',
  outRate: 'out',
  depth: 'waiting',
  unacked: 'in hand',
  deadLetters: 'dead letters',
  rssBytes: 'resident',
  heapUsedBytes: 'heap',
  eventLoopDelayMs: 'event loop delay',
  outboxLagMs: 'outbox lag',
};
const colours = ['var(--ink)', 'var(--faint)', 'var(--retry)', 'var(--failed)'];

/** The last 15 minutes of a queue or a service. */
export function HistoryCharts({ of }: { of: { queue: string } | { service: string } }) {
  const { data, error } = useApi<History>(
    '/api/history',
    { ...of },
    { everyMs: 5_000, keep: true },
  );
  const charts = useMemo(() => chartsOf(data), [data]);
  if (error && !data) return <Problem error={error} />;
  if (!data) return null;
  if (charts.length === 0) return <p className="muted">Nothing was seen of it yet.</p>;
  return (
    <Suspense fallback={null}>
      {charts.map(({ title, format, lines }) => (
        <div key={title}>
          <p className="muted" style={{ margin: '4px 0', fontSize: 12 }}>
            {title}
          </p>
          <Chart
            at={data.at}
            lines={lines}
            format={format}
            label={`${title}, 15 minutes`}
            height={110}
          />
        </div>
      ))}
    </Suspense>
  );
}

function chartsOf(history: History | undefined): (Kind & { lines: ChartLine[] })[] {
  const left = new Set(Object.keys(history?.series ?? {}));
  return kinds.flatMap((kind) => {
    const mine = [...left].filter((name) => kind.matches.test(name));
    for (const name of mine) left.delete(name);
    const lines = mine.map((name, index) => ({
      label: names[name] ?? name,
      colour: colours[index % colours.length] ?? 'var(--ink)',
      values: history?.series[name] ?? [],
      fill: mine.length === 1,
    }));
    return lines.length > 0 ? [{ ...kind, lines }] : [];
  });
}

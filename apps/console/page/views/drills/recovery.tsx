import { useMemo } from 'react';
import { useLive } from '../../live/use-live';
import { Chart, type ChartLine } from '../../parts/chart';
import { count } from '../../parts/format';
import classes from './drills.module.css';
import { useMoments } from './use-moments';

/** What happens while something is broken: messages that wait, and sales. */
export function Recovery() {
  const moments = useMoments();
  const heard = useLive(({ heardAt }) => heardAt > 0);
  const { at, depth, lines } = useMemo(() => {
    const times = moments.map((moment) => moment.at);
    const waiting: ChartLine[] = [
      {
        label: 'messages in queues',
        colour: 'var(--work)',
        values: moments.map((m) => m.depth),
        fill: true,
      },
      {
        label: 'wait for their next try',
        colour: 'var(--retry)',
        values: moments.map((m) => m.retries),
        dashed: true,
      },
    ];
    const sales: ChartLine[] = [
      { label: 'sales a minute', colour: 'var(--ink)', values: moments.map((m) => m.sales) },
    ];
    return { at: times, depth: waiting, lines: sales };
  }, [moments]);
  return (
    <section className={`${classes.part} ${classes.recovery}`} aria-label="What happens">
      <div className={classes.partHead}>
        <h2>What happens</h2>
        <Down />
      </div>
      {heard ? (
        <>
          <Chart at={at} lines={depth} label="Messages that wait, over time" format={whole} />
          <Chart
            at={at}
            lines={lines}
            label="Sales a minute, over time"
            format={whole}
            height={100}
          />
        </>
      ) : (
        <p className="muted">Nothing was heard of the system yet.</p>
      )}
    </section>
  );
}

function whole(value: number): string {
  return count(Math.round(value));
}

/** Who does not work at the moment. */
function Down() {
  const services = useLive((live) => live.services);
  const broker = useLive(({ system }) => system?.broker);
  const away = [...services.values()].filter(({ state }) => state !== 'ready');
  const words = [
    ...(broker && !broker.up ? ['the broker is down'] : []),
    ...away.map(({ name, state }) => `${name} is ${state}`),
  ];
  return (
    <span role="status" className={words.length > 0 ? classes.down : 'muted'}>
      {words.length > 0 ? words.join(', ') : 'all services are ready'}
    </span>
  );
}

import { Link } from 'wouter';
import type { QueueState } from '../../../src/api/live';
import { useLive } from '../../live/use-live';
import { count, perSecond } from '../../parts/format';
import { LateSkeleton } from '../../parts/late-skeleton';
import { PatternMark } from '../../parts/pattern-mark';
import { useUrl } from '../../url/search-params';
import classes from './flow.module.css';
import { Consumers, fillOf, Retries, Waiting } from './queue-marks';
import { colourOf } from '../../parts/patterns';

/** The flow where there is no room for a picture: each service's queues, with the same marks. */
export function QueueList() {
  const services = useLive((live) => live.services);
  const queues = useLive((live) => live.queues);
  const { get, set } = useUrl();
  const pattern = get('pattern');
  if (services.size === 0) return <LateSkeleton />;
  return [...services.values()].map((service) => (
    <section key={service.name} className={classes.listed} aria-label={service.name}>
      <h2>
        <button
          type="button"
          className={classes.listedService}
          data-down={service.state === 'down'}
          onClick={() => set({ service: service.name, queue: undefined })}
        >
          {service.name}
          <span className={service.state === 'ready' ? 'muted' : classes.bad}>{service.state}</span>
        </button>
      </h2>
      <ul>
        {[...queues.values()]
          .filter((queue) => queue.service === service.name)
          .filter((queue) => pattern === undefined || queue.pattern === pattern)
          .map((queue) => (
            <Row key={queue.name} queue={queue} onOpen={(name) => set({ queue: name })} />
          ))}
      </ul>
    </section>
  ));
}

function Row({ queue, onOpen }: { queue: QueueState; onOpen: (name: string) => void }) {
  return (
    <li className={classes.listedRow}>
      <button type="button" className={classes.listedQueue} onClick={() => onOpen(queue.name)}>
        <span
          className={classes.fill}
          style={{ width: `${fillOf(queue) * 100}%`, background: colourOf(queue.pattern) }}
        />
        <span className={classes.listedName}>
          <PatternMark pattern={queue.pattern} size={11} />
          <code>{queue.name}</code>
        </span>
        <span className={classes.listedMarks}>
          <Consumers queue={queue} />
          <Retries queue={queue} />
          <span className="muted">{perSecond(queue.inRate)}</span>
          <Waiting queue={queue} />
        </span>
      </button>
      {queue.deadLetters > 0 && (
        <Link
          className={classes.dead}
          href={`/dead-letters?queue=${encodeURIComponent(queue.name)}`}
          aria-label={`${queue.deadLetters} dead letters of ${queue.name}`}
        >
          {count(queue.deadLetters)}
        </Link>
      )}
    </li>
  );
}

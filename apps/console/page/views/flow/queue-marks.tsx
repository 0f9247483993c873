import { Tooltip } from '@mantine/core';
import type { HeldState, QueueState, ServiceState } from '../../../src/api/live';
import { useLive } from '../../live/use-live';
import { count, counted, duration } from '../../parts/format';
import classes from './flow.module.css';
import { heldInWords } from './held-words';
import { retriesInWords, within } from './retry-words';

/** More ticks than these are a number. */
const ticksMax = 8;

/** A tick a consumer; those that its running instances should have are hollow and red. */
export function Consumers({ queue }: { queue: QueueState }) {
  const { consumers, consumersExpected: expected } = queue;
  if (consumers === null) return null;
  const missing = Math.max(0, expected - consumers);
  const label =
    missing > 0 ? `${consumers} of ${expected} consumers` : counted(consumers, 'consumer');
  const none = consumers === 0 && missing === 0;
  if (consumers + missing > ticksMax || none) {
    return (
      <span className={none ? classes.noConsumer : undefined} title={label}>
        {none ? 'no consumer' : `${consumers}${missing ? `/${expected}` : ''} ▮`}
      </span>
    );
  }
  return (
    <span className={classes.ticks} role="img" aria-label={label} title={label}>
      {Array.from({ length: consumers }, (_, each) => (
        <i key={each} />
      ))}
      {Array.from({ length: missing }, (_, each) => (
        <i key={`missing ${each}`} data-missing />
      ))}
    </span>
  );
}

/**
 * The retry tiers behind a queue, as one count, and when the next comes; not where none of its
 * messages has failed.
 */
export function Retries({ queue }: { queue: QueueState }) {
  const { retries, nextRetry: next, held } = queue;
  const inTiers = retries.reduce((sum, tier) => sum + tier.count, 0);
  // The broker counts late: what was seen to fail is newer.
  const waiting = Math.max(inTiers, next?.own ?? 0);
  const failed = useLive(({ services }) => hasFailed(services.get(queue.service), queue.name));
  if (held) return <Held held={held} />;
  if (waiting === 0 || !(failed || next?.own)) return null;
  return (
    <Tooltip label={`Wait for their next try: ${retriesInWords(queue)}`}>
      <span className={classes.retry}>
        ↻ {count(waiting)}
        {next && ` · ≤ ${within(next.withinMs)}`}
      </span>
    </Tooltip>
  );
}

/** Of a handler in order: what waits in the database, and whether a key of it is stopped. */
function Held({ held }: { held: HeldState }) {
  const isStopped = held.stopped > 0;
  return (
    <Tooltip label={`Held in order: ${heldInWords(held)}`}>
      <span className={classes.retry} data-stopped={isStopped}>
        {isStopped ? '!' : '↻'} {count(held.waiting)}
      </span>
    </Tooltip>
  );
}

function hasFailed(service: ServiceState | undefined, queue: string): boolean {
  const all = service?.instances.flatMap(({ handlers }) => handlers) ?? [];
  return all.some((handler) => handler.queue === queue && handler.retried > 0);
}

/** `12 · 1.1 s`: how many wait, and the oldest for how long. */
export function Waiting({ queue }: { queue: QueueState }) {
  if (queue.depth === null) return <span className="muted">?</span>;
  return (
    <span className={queue.depth > 0 ? undefined : 'muted'}>
      {count(queue.depth)}
      {queue.oldestMs !== null && queue.oldestMs > 0 && (
        <span className="muted"> · {duration(queue.oldestMs)}</span>
      )}
    </span>
  );
}

/** How full a queue is, against its own last hour: 0 to 1. */
export function fillOf(queue: QueueState | undefined): number {
  if (!queue?.depth) return 0;
  return Math.min(1, queue.depth / Math.max(queue.depthMax, queue.depth, 10));
}

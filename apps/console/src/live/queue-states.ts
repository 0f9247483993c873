import type { DeclaredMessaging, HeldCount } from '@tradepost/messaging';
import type { Pattern } from '@tradepost/messaging/ops';
import type { QueueState } from '../api/live';
import { edgeId, exchangeId, queueId, undeclaredQueues } from '../flow/graph';
import { retryTiers } from '../flow/retry-tiers';
import type { BrokerQueue } from './broker-view';
import { Depths } from './depths';
import type { DueRetry } from './due-retries';
import type { DeclaredHandler } from './report';

export interface QueueFacts {
  topologies: readonly DeclaredMessaging[];
  /** Undefined: the broker does not say. */
  brokerQueues: readonly BrokerQueue[] | undefined;
  /** Consumers that the processes that answer have, by queue. */
  consumersExpected: ReadonlyMap<string, number>;
  /** Messages a second, by edge; those of which nothing is counted are missing. */
  edgeRates: ReadonlyMap<string, number>;
  /** Messages a second that handlers are done with, by queue. */
  handlerRates: ReadonlyMap<string, number>;
  /** Queues of which a message has failed since their service started. */
  retrying: ReadonlySet<string>;
  /** Messages that were seen to fail, and wait for their next try, by queue. */
  dueRetries: ReadonlyMap<string, DueRetry>;
  /** What services hold in their databases, by queue. */
  held: ReadonlyMap<string, HeldCount>;
  now: number;
}

interface Row extends Pick<QueueState, 'name' | 'pattern' | 'service'> {
  retry?: DeclaredHandler['retry'];
  /** Begins the names of the queues in which its retries wait. */
  tiersOf?: string;
}

/** What is known of each queue now, and what follows from what was known before. */
export class QueueStates {
  private readonly depths = new Map<string, Depths>();

  /** @param isFresh the broker has counted since the last time */
  read(facts: QueueFacts, isFresh: boolean): QueueState[] {
    const found = new Map(facts.brokerQueues?.map((queue) => [queue.name, queue]));
    return rowsOf(facts).map((row) => this.state(row, found, facts, isFresh));
  }

  private state(
    row: Row,
    found: ReadonlyMap<string, BrokerQueue>,
    facts: QueueFacts,
    isFresh: boolean,
  ): QueueState {
    const { name, pattern, service, retry = [], tiersOf } = row;
    const { retrying } = facts;
    const queue = found.get(name);
    const { messages_ready: depth = null, messages_unacknowledged: unacked = null } = queue ?? {};
    const history = this.depths.get(name) ?? new Depths();
    this.depths.set(name, history);
    if (depth !== null && isFresh) history.add(facts.now, depth, queue?.message_stats?.ack ?? 0);
    const { publish_details: came, ack_details: done } = queue?.message_stats ?? {};
    // Tiers have the messages of all queues together: they are shown where any have failed.
    const tiers = retrying.size === 0 || retrying.has(name) ? retry : [];
    const retries = tiers.flatMap((tier) => {
      const waiting = found.get(`${tiersOf}${tier}`);
      const count = (waiting?.messages_ready ?? 0) + (waiting?.messages_unacknowledged ?? 0);
      return count > 0 ? [{ tier, count }] : [];
    });
    return {
      name,
      pattern,
      service,
      depth,
      unacked,
      consumers: queue?.consumers ?? null,
      consumersExpected: facts.consumersExpected.get(name) ?? 0,
      inRate: inRateOf(name, facts) ?? came?.rate ?? 0,
      outRate: facts.handlerRates.get(name) ?? done?.rate ?? 0,
      oldestMs: depth === null ? null : history.oldestMs(facts.now),
      retries,
      nextRetry: nextRetry(name, retries, facts),
      held: heldState(facts.held.get(name)),
      deadLetters: found.get(`${name}.dead`)?.messages_ready ?? 0,
      depthMax: history.max,
    };
  }
}

function heldState(held: HeldCount | undefined): QueueState['held'] {
  if (held === undefined) return null;
  const { oldestSeconds, ...counts } = held;
  return { ...counts, oldestMs: oldestSeconds * 1_000 };
}

/** No message stays in a tier for longer than the tier lasts. */
function nextRetry(
  queue: string,
  retries: QueueState['retries'],
  { dueRetries, topologies }: QueueFacts,
): QueueState['nextRetry'] {
  const seen = dueRetries.get(queue);
  if (seen) return { withinMs: Math.ceil(seen.nextMs), own: seen.count };
  const tierMs = retryTiers(topologies);
  const bounds = retries.flatMap(({ tier }) => tierMs[tier] ?? []);
  return bounds.length === 0 ? null : { withinMs: Math.min(...bounds), own: 0 };
}

function rowsOf({ topologies, brokerQueues = [] }: QueueFacts): Row[] {
  const declared = topologies.flatMap(({ service, mode, handlers }) => {
    const tiersOf = mode === 'strict' ? `${service}.retry.` : 'retry.';
    return handlers.map(({ queue, pattern, retry, orderedBy }): Row => {
      // What failed of a handler in order is in no tier, but in the service's database.
      return { name: queue, pattern, service, retry: orderedBy ? [] : retry, tiersOf };
    });
  });
  const others = undeclaredQueues(
    topologies,
    brokerQueues.map(({ name }) => name),
  );
  const pattern: Pattern = 'work';
  return [...declared, ...others.map((name): Row => ({ name, pattern, service: '' }))];
}

/** What its senders count, which is newer than what the broker says; undefined: nobody counts. */
function inRateOf(queue: string, { topologies, edgeRates }: QueueFacts): number | undefined {
  const handler = topologies.flatMap(({ handlers }) => handlers).find((one) => one.queue === queue);
  // Which part of a topic a queue hears the broker alone knows.
  if (handler === undefined || handler.pattern === 'topic' || handler.pattern === 'rpc') {
    return undefined;
  }
  const targets = [queueId(queue), ...handler.bindings.map(({ exchange }) => exchangeId(exchange))];
  const rates = topologies.flatMap(({ service }) =>
    targets.flatMap((target) => edgeRates.get(edgeId(`service:${service}`, target)) ?? []),
  );
  return rates.length === 0 ? undefined : rates.reduce((sum, rate) => sum + rate, 0);
}

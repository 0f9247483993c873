import type { Contract } from '../contract';
import { returnTo, type Tier } from '../consume/retry-tiers';
import { simpleWays, type Ways } from '../topology/ways';
import { merge } from '../topology/topology';
import type { ExchangeShape, QueueArguments, QueueShape, Topology } from '../topology/topology';
import { keyFieldOf, type InOrderWiring } from '../ordered/in-order';
import { keyedTopology, partOf } from '../ordered/keyed-topology';
import type { Pattern } from './pattern';

export interface Binding {
  exchange: string;
  type: ExchangeShape['type'];
  key: string;
  /** Of the exchange. */
  args?: QueueArguments;
}

export interface BatchOptions {
  /** Messages a call at most. */
  size: number;
  /** Calls at the same time; more than 1 where the handler waits for something outside. */
  lanes?: number;
  /** After a call the next one waits so long, unless a whole batch is there; 5 by default. */
  restMs?: number;
}

/** How much a queue may hold. */
export interface KeepNewest {
  messages: number;
  bytes: number;
}

/** What is derived from a decorated method before anything runs. */
export interface Wiring {
  /** `Class.method`, as logs and dead letters name it. */
  name: string;
  kind: Pattern;
  queue: string;
  bindings: Binding[];
  /** Missing for a plain @RabbitSubscribe or @RabbitRPC method: its body is any JSON object. */
  contract?: Contract;
  prefetch?: number;
  retry: readonly Tier[];
  batch?: BatchOptions;
  singleActive?: boolean;
  priority?: number;
  keepNewest?: KeepNewest;
  inOrder?: InOrderWiring;
  /** The handler whose messages this queue has a part of. */
  partitionOf?: Wiring;
  /** Of a queue that another library declares too, and as that declares it. */
  shape?: Pick<QueueShape, 'args' | 'durable' | 'passive'>;
  /** What it is bound to, as another library declares it. */
  places?: Partial<Topology>;
}

/** A decorated method, with all that is derived from it. */
export interface Handler extends Wiring {
  /** The method, with its guards, interceptors and filters around it. */
  invoke: (...args: unknown[]) => Promise<unknown>;
}

/** So often a message may come back unacked (a process dies of it); then it is dead-lettered. */
const deliveryLimit = 20;

/**
 * How often a dead letter may be read and put back. From RabbitMQ 4.0 on the 21st time would
 * delete it; the -1 that lifts the limit there is refused by 3.x.
 */
const deadLetterReadsMax = 1_000_000_000;

export function deadQueue(queue: string): string {
  return `${queue}.dead`;
}

/** Everything the handler's queue needs: what is declared, planned and drawn. */
export function queueTopology(wiring: Wiring, ways = simpleWays): Topology {
  const { partitionOf } = wiring;
  if (partitionOf !== undefined) {
    return partOf(queueTopology(partitionOf, ways), wiring.queue, deadQueue(partitionOf.queue));
  }
  const { kind, queue, bindings, singleActive, keepNewest, shape, places = {} } = wiring;
  const { contract, inOrder } = wiring;
  const exchanges = bindings.map(({ exchange: name, type, args }) => ({ name, type, args }));
  const bound = bindings.map(({ exchange, key }) => ({ exchange, queue, key }));
  // An unanswered question is worth nothing after its deadline: no dead letters.
  if (kind === 'rpc') {
    const args = ways.question({ 'x-delivery-limit': deliveryLimit });
    const queues = [{ name: queue, args, ...shape }];
    return merge([{ exchanges, queues, bindings: bound }, places, ways.doors(queue)]);
  }
  const dead = deadQueue(queue);
  const args = ways.quorum({
    'x-delivery-limit': deliveryLimit,
    ...(keepNewest ? newestAlone(keepNewest) : deadLettersTo(dead)),
    ...(singleActive ? { 'x-single-active-consumer': true } : {}),
  });
  if (inOrder !== undefined || (kind === 'work' && keyFieldOf(contract) !== undefined)) {
    return keyedTopology(wiring, args, deadQueueShape(dead, ways), ways);
  }
  const queues = [deadQueueShape(dead, ways), { name: queue, args, ...shape }];
  const own = [ways.doors(queue, dead), returnTo(queue, ways)];
  return merge([{ exchanges, queues, bindings: bound }, places, ...own]);
}

function deadLettersTo(dead: string): QueueArguments {
  return {
    'x-dead-letter-exchange': '',
    'x-dead-letter-routing-key': dead,
    // The broker's default dead-lettering may lose the message; these two together do not.
    'x-dead-letter-strategy': 'at-least-once',
    'x-overflow': 'reject-publish',
  };
}

/** The broker dead-letters nothing here: what it drops would fill the dead letters without end. */
function newestAlone({ messages, bytes }: KeepNewest): QueueArguments {
  return {
    'x-max-length': messages,
    'x-max-length-bytes': bytes,
    'x-overflow': 'drop-head',
  };
}

export function deadQueueShape(name: string, ways: Ways = simpleWays): QueueShape {
  return { name, args: ways.quorum({ 'x-delivery-limit': deadLetterReadsMax }) };
}

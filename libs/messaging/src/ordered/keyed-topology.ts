import { returnTo } from '../consume/retry-tiers';
import type { Wiring } from '../handlers/handler';
import { merge, type QueueArguments, type QueueShape, type Topology } from '../topology/topology';
import type { Ways } from '../topology/ways';
import { keysExchange, partitionsOf, partitionShapes, slotBindings } from './slots';

/** Of a handler in order, or of a work with a key. @param dead the queue of its dead letters */
export function keyedTopology(
  { kind, queue, bindings, inOrder }: Wiring,
  args: QueueArguments,
  dead: QueueShape,
  ways: Ways,
): Topology {
  const [place] = kind === 'work' ? [worked(queue)] : bindings;
  if (place === undefined) throw new Error(`${queue} is bound to nothing`);
  const { exchange: name, type } = place;
  const count = inOrder?.partitions ?? 1;
  const own = inOrder ? partitionShapes(queue, count, args) : [{ name: queue, args }];
  const slots = { queues: [dead, ...own], bindings: slotBindings(queue, count, name) };
  // What failed of one in order waits in a database.
  const back = inOrder ? [] : [returnTo(queue, ways)];
  return merge([{ exchanges: [{ name, type }], ...slots }, ways.doors(queue, dead.name), ...back]);
}

function worked(queue: string): { exchange: string; type: 'direct' } {
  return { exchange: keysExchange(queue), type: 'direct' };
}

/** What a consumer takes from: a handler's queue, or each partition of one in order. */
export function takenBy(wiring: Wiring): Wiring[] {
  const { inOrder, queue } = wiring;
  if (inOrder === undefined) return [wiring];
  return partitionsOf(queue, inOrder.partitions).map((name) => {
    return { ...wiring, queue: name, singleActive: true, partitionOf: wiring };
  });
}

/** The part of it that one of its queues needs. */
export function partOf(whole: Topology, queue: string, dead: string): Topology {
  const { exchanges, queues, bindings } = whole;
  const own = new Set([queue, dead]);
  return {
    exchanges,
    queues: queues.filter(({ name }) => own.has(name)),
    bindings: bindings.filter((one) => own.has(one.queue)),
  };
}

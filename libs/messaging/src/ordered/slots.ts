import type { QueueShape, Topology } from '../topology/topology';

/** Keys are hashed to so many slots, which the partitions of a queue share evenly. */
export const slotCount = 16;

/** Queues that a listener's messages are spread over, by their keys. */
export type Partitions = 1 | 2 | 4 | 8 | 16;

export const partitionsDefault: Partitions = 8;

const polynomial = 0xedb88320;

/** The routing key of a message with this key: its CRC-32, modulo the number of slots. */
export function slotOf(key: string): string {
  let crc = 0xffffffff;
  for (const byte of Buffer.from(key)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? polynomial : 0);
  }
  return String(((crc ^ 0xffffffff) >>> 0) % slotCount);
}

/** The exchange of a work that has a key: its slots lead to the partitions of the queue. */
export function keysExchange(queue: string): string {
  return `${queue}.keys`;
}

/** The queue that `keysExchange` is of. */
export function queueOfKeys(exchange: string): string {
  return exchange.slice(0, -'.keys'.length);
}

/** The first has the name of the queue: what comes there by name comes to it. */
export function partitionsOf(queue: string, count: Partitions): string[] {
  return Array.from({ length: count }, (_, at) => (at === 0 ? queue : `${queue}.${at}`));
}

/** @param from the exchange that is told by slots */
export function slotBindings(queue: string, count: Partitions, from: string): Topology['bindings'] {
  const queues = partitionsOf(queue, count);
  return Array.from({ length: slotCount }, (_, slot) => {
    return { exchange: from, queue: queues[slot % count] ?? queue, key: String(slot) };
  });
}

/** One active consumer each: what it has taken and not acked comes back in its order. */
export function partitionShapes(
  queue: string,
  count: Partitions,
  args: QueueShape['args'],
): QueueShape[] {
  const single = { ...args, 'x-single-active-consumer': true };
  return partitionsOf(queue, count).map((name) => ({ name, args: single }));
}

/** Of an event: one with a key is told by its slot, which only those who want it listen to. */
export function fanoutType({ key }: { key?: string }): 'fanout' | 'topic' {
  return key === undefined ? 'fanout' : 'topic';
}

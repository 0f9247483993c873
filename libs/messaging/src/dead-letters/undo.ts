import type { ChannelModel } from 'amqplib';
import { sameMessage } from '../envelope';
import { asError } from '../errors';
import { declareDeadQueue } from '../handler';
import type { AuditTrail, Taken } from './audit-trail';
import type { Outcome } from './batch';
import type { Confirmed } from './confirmed';
import { letterOf, originOf } from './letter';
import { Scan } from './scan';

/** No replay or discard of that number is on record, or none that took from the queues in reach. */
export class UnknownBatch extends Error {
  override readonly name = 'UnknownBatch';

  constructor(readonly batch: number) {
    super(`batch ${batch} took nothing here; "batches" lists those that did`);
  }
}

export interface UndoParts {
  model: ChannelModel;
  publisher: Confirmed;
  trail: AuditTrail;
  by: string;
  /** Dead-letter queues that may be written to. */
  reach: readonly string[];
}

const windowMax = 500;

/**
 * Puts back what a batch took, byte for byte. A letter that is in its queue already stays as it is,
 * so that an undo which was cut short is finished by another one.
 * @throws UnknownBatch
 */
export async function undoBatch(parts: UndoParts, of: number): Promise<Outcome> {
  const { model, publisher, trail, by, reach } = parts;
  const batch = await trail.begin({ act: 'undo', by, of });
  const taken = await takenBy(trail, of, batch);
  if (!reach.some((queue) => taken.has(queue))) throw new UnknownBatch(of);
  const outcome: Outcome = { batch, done: 0, stayed: [] };
  for (const queue of reach) {
    const letters = taken.get(queue) ?? new Map<string, Taken>();
    if (letters.size === 0) continue;
    for (const id of await idsIn(model, queue)) letters.delete(id);
    await declareDeadQueue(publisher.channel, queue);
    const missing = [...letters.values()];
    for (let i = 0; i < missing.length; i += windowMax) {
      const some = missing.slice(i, i + windowMax);
      await Promise.all(some.map((letter) => putBack(publisher, letter, outcome)));
    }
  }
  await trail.write({ kind: 'end', batch, done: outcome.done, stayed: outcome.stayed.length });
  return outcome;
}

/** By queue and id: a batch that was killed may have written a letter down and not taken it. */
async function takenBy(
  trail: AuditTrail,
  of: number,
  until: number,
): Promise<Map<string, Map<string, Taken>>> {
  const taken = new Map<string, Map<string, Taken>>();
  if (of < 1 || of >= until) return taken;
  await trail.read(of, until, (entry) => {
    if (entry.kind !== 'taken' || entry.batch !== of) return;
    const letters = taken.get(entry.deadQueue) ?? new Map<string, Taken>();
    taken.set(entry.deadQueue, letters);
    letters.set(entry.id, entry);
  });
  return taken;
}

async function idsIn(model: ChannelModel, queue: string): Promise<Set<string>> {
  const ids = new Set<string>();
  const scan = await Scan.open(model, queue, (raw) => ids.add(letterOf(raw, queue).id));
  await scan?.close();
  return ids;
}

async function putBack(publisher: Confirmed, letter: Taken, outcome: Outcome): Promise<void> {
  const { id, deadQueue, properties, content } = letter;
  const known: unknown = properties.messageId;
  const options = sameMessage(properties, typeof known === 'string' ? known : '', {});
  if (typeof known !== 'string') delete options.messageId;
  try {
    await publisher.publish(deadQueue, Buffer.from(content, 'base64'), options);
    outcome.done += 1;
  } catch (error) {
    outcome.stayed.push({ id, queue: originOf(deadQueue), problem: asError(error).message });
  }
}

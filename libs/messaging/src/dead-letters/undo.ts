import { PropertyList } from '../connection/property-list';
import { sameMessage } from '../envelope';
import { MessagingError } from '../errors';
import { deadQueueShape } from '../handlers/handler';
import type { AuditTrail, Taken } from './audit-trail';
import type { ConfirmedPublisher } from './confirmed-publisher';
import { Progress, type Tools } from './operation';
import type { OperationResult } from './shapes';
import { Tally } from './scan';

/** No replay or discard has that number, or it took nothing from the queues in reach. */
export class UnknownOperation extends MessagingError {
  constructor(readonly operation: number) {
    super(`operation ${operation} took nothing here; "operations" lists those that did`);
  }
}

const windowMax = 500;

/**
 * Puts back what an operation took, byte for byte. A dead letter that is in its queue already stays
 * as it is, so that a second undo finishes one that was cut short.
 * @param reach dead-letter queues that may be written to
 * @throws UnknownOperation, OperationInterrupted
 */
export async function undoOperation(
  { model, publisher, trail, declarations }: Tools,
  by: string,
  reach: readonly string[],
  of: number,
): Promise<OperationResult> {
  const operation = await trail.begin({ action: 'undo', by, of });
  const taken = await takenBy(trail, of, operation);
  if (!reach.some((queue) => taken.has(queue))) throw new UnknownOperation(of);
  const progress = new Progress(operation);
  for (const queue of reach) {
    const deadLetters = taken.get(queue) ?? [];
    if (deadLetters.length === 0) continue;
    const there = await Tally.of(model, queue);
    const missing = deadLetters.filter(({ id }) => !there.take(id));
    await declarations.declare(model, { queues: [deadQueueShape(queue, publisher.ways)] });
    for (let i = 0; i < missing.length; i += windowMax) {
      const some = missing.slice(i, i + windowMax);
      await Promise.all(some.map((one) => progress.settle(one, () => putBack(publisher, one))));
      progress.throwIfUnconfirmed();
    }
  }
  return progress.end(trail);
}

/** By queue. An operation that was killed may have recorded a dead letter and not taken it. */
async function takenBy(trail: AuditTrail, of: number, until: number) {
  const taken = new Map<string, Taken[]>();
  if (of < 1 || of >= until) return taken;
  await trail.read(of, until, (entry) => {
    if (entry.kind !== 'taken' || entry.operation !== of) return;
    const deadLetters = taken.get(entry.deadQueue) ?? [];
    taken.set(entry.deadQueue, deadLetters);
    deadLetters.push(entry);
  });
  return taken;
}

async function putBack(
  publisher: ConfirmedPublisher,
  { deadQueue, properties, content }: Taken,
): Promise<void> {
  const list = PropertyList.parse(Buffer.from(properties, 'base64'));
  await publisher.publish(deadQueue, Buffer.from(content, 'base64'), sameMessage(list, undefined));
}

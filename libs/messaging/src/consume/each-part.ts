import { isBundle } from '../bundle';
import type { Wiring } from '../handlers/handler';
import { Message } from '../message';
import type { Delivery } from './delivery';
import type { Failures } from './failures';
import { openBundle, type Part } from './open-bundle';

/** Takes the message, or each one of a bundle. */
export async function eachPart(
  delivery: Delivery,
  wiring: Wiring,
  failures: Failures,
  take: (delivery: Delivery, message: Message) => Promise<void>,
): Promise<void> {
  const message = Message.from(delivery.raw, wiring);
  if (!isBundle(delivery.raw)) return take(delivery, message);
  let parts: Part[];
  try {
    parts = openBundle(delivery, wiring);
  } catch (error) {
    await failures.settle(delivery, message, error);
    return;
  }
  // It came back: what a process may have died of must not take the others with it.
  if (delivery.raw.fields.redelivered) return failures.scatter(delivery, parts);
  await Promise.all(parts.map(async (part) => take(part, part.message)));
}

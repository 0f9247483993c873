import type { Channel, ConsumeMessage } from 'amqplib';
import { objectOf } from '../body';
import { eventsOf, type Event } from '../bundle';
import { PropertyList, withList } from '../connection/property-list';
import { toProperties } from '../envelope';
import type { Wiring } from '../handlers/handler';
import { Message } from '../message';
import type { Delivery } from './delivery';
import { mayHoldBroken } from '../validation/storable';

/**
 * The messages of a bundle, each of which ends as one that came alone. The bundle is acked when all
 * of them are; one that has to go back to the queue takes it there at once.
 * @throws BadJson it is not a list of CloudEvents; UnknownEncoding
 */
export function openBundle(bundle: Delivery, handler: Wiring): Part[] {
  const events = eventsOf(bundle.raw);
  const open = new Set<Part>();
  const mayBeBroken = mayHoldBroken(bundle.raw.content);
  const whole = { handler, bundle, open, mayBeBroken };
  const parts = events.map((event, place) => new Part(event, { place, ...whole }));
  for (const part of parts) open.add(part);
  if (parts.length === 0) bundle.ack();
  bundle.parts = parts;
  return parts;
}

interface Whole {
  bundle: Delivery;
  /** Its messages that are not done. */
  open: Set<Part>;
  handler: Wiring;
  place: number;
  mayBeBroken: boolean;
}

const shownIdMax = 1_000;

/** A message of a bundle. */
export class Part implements Delivery {
  readonly message: Message;
  heldSince?: number;

  constructor(
    private readonly event: Event,
    private readonly whole: Whole,
  ) {
    this.message = Message.fromEvent(event, whole.handler);
  }

  get hasId(): boolean {
    return this.event.id === this.message.id;
  }

  get mayBeBroken(): boolean {
    return this.whole.mayBeBroken;
  }

  get channel(): Channel {
    return this.whole.bundle.channel;
  }

  /** @throws BadJson */
  get data(): object {
    return objectOf(this.event.data);
  }

  /**
   * As it would have come alone: so it goes on when it has failed. Read anew, as its handler may
   * have changed what it was given.
   */
  get raw(): ConsumeMessage {
    const { bundle, place } = this.whole;
    const { id, type, timestamp = new Date(), correlationId, traceparent, appId } = this.message;
    const envelope = { messageId: id, type, timestamp, traceparent };
    const own = toProperties({ ...envelope, correlationId: correlationId ?? id }, appId ?? '');
    const { id: given } = this.event;
    // An id that no property can hold is still to be found.
    if (typeof given === 'string') {
      own.headers = { ...own.headers, 'cloudEvents:id': given.slice(0, shownIdMax) };
    }
    const list = PropertyList.of(bundle.raw.properties);
    list.set(own);
    const properties = withList({ ...bundle.raw.properties, ...own }, list);
    const data = eventsOf(bundle.raw)[place]?.data ?? null;
    return { ...bundle.raw, properties, content: Buffer.from(JSON.stringify(data)) };
  }

  ack(): void {
    const { bundle, open } = this.whole;
    this.heldSince = undefined;
    if (open.delete(this) && open.size === 0) bundle.ack();
  }

  requeue(): void {
    this.heldSince = undefined;
    this.whole.bundle.requeue();
  }

  /** A question comes alone. */
  reply(): void {}
}

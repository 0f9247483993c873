import type { Channel, ConsumeMessage } from 'amqplib';
import { PropertyList } from '../connection/property-list';
import { publish, type Properties, type Terms } from '../connection/publish-frames';
import { headerNames } from '../envelope';
import { directReplyTo, simpleWays, type Ways } from '../topology/ways';
import type { Acks } from './acks';

/** How a delivery ends. Safe to call on a channel that is gone: the broker redelivers. */
export interface Delivery {
  raw: ConsumeMessage;
  /** Since when its handler has it, epoch milliseconds; undefined while it waits for its batch. */
  heldSince?: number;
  /** An operator has sent it back to its queue. */
  isReplay?: boolean;
  /** A question whose answer would take the default exchange, which strict mode has no use for. */
  isUnanswerable?: boolean;
  /** The messages of a bundle, which are held one by one. */
  parts?: Pick<Delivery, 'heldSince'>[];
  /** Whether its channel is given up: what has not begun comes back, here or elsewhere. */
  readonly isOver?: boolean;
  ack: () => void;
  /** Back to its queue; counts towards the queue's delivery limit. */
  requeue: () => void;
  /** To where its queue dead-letters; nowhere when that has no such place. Not for a part. */
  refuse?: () => void;
  /** To the caller of an rpc, after the acks before it; at most once, as replies are. */
  reply: (content: Buffer, properties?: Properties, terms?: Terms) => void;
  /** The one that it came by. */
  channel: Channel;
}

/** `properties` with the correlation id of `raw`, byte for byte. */
function under(raw: ConsumeMessage, { correlationId: _, ...properties }: Properties): Properties {
  const list = PropertyList.of(raw.properties).only('correlationId');
  list.set(properties);
  return { list };
}

/** What amqplib leaves untyped. */
interface Replyable {
  replyTo?: string;
  correlationId?: string;
}

/** What `raw` brought, by the channel that the acks go to. */
export function deliveryOf(
  session: { channel: Channel; acks: Acks; retired?: boolean },
  raw: ConsumeMessage,
  ways: Ways = simpleWays,
): Delivery {
  const { channel, acks } = session;
  return {
    raw,
    get isOver() {
      return session.retired === true;
    },
    heldSince: Date.now(),
    isReplay: raw.properties.headers?.[headerNames.replays] !== undefined,
    isUnanswerable:
      ways.isStrict && (raw.properties as Replyable).replyTo?.startsWith(directReplyTo) === true,
    ack: () => acks.ack(raw),
    requeue: () => acks.requeue(raw),
    refuse: () => acks.refuse(raw),
    channel,
    reply: (content, properties, terms) => {
      const { replyTo, correlationId } = raw.properties as Replyable;
      if (replyTo === undefined) return;
      const place = ways.answer(replyTo);
      const whole = { contentType: 'application/json', correlationId, ...properties };
      // Some name their questions by bytes: the answer needs the same.
      const isText = !correlationId?.includes('\uFFFD');
      const own = isText ? whole : under(raw, whole);
      acks.afterwards(() => publish(channel, place, content, own, terms));
    },
  };
}

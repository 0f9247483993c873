import { Injectable } from '@nestjs/common';
import { Problem } from '@tradepost/service';
import type { PeekedMessage } from '../api/queues';
import { BrokerView } from './broker-view';

interface Got {
  payload: string;
  payload_encoding: 'string' | 'base64';
  redelivered: boolean;
  properties: {
    message_id?: string;
    type?: string;
    timestamp?: number;
    headers?: Record<string, unknown>;
  };
}

/** Each look counts as a delivery. After 20 of them a quorum queue gives a message up. */
const deliveriesMax = 10;

/** The first messages of a queue. They go back to it at once, marked as redelivered. */
@Injectable()
export class PeekQueue {
  /** Queues that were looked at too often, and how many of their messages were done by then. */
  private readonly worn = new Map<string, number>();

  constructor(private readonly broker: BrokerView) {}

  /** @throws Problem 409 when another look would bring its messages close to being given up */
  async run(queue: string, limit: number): Promise<PeekedMessage[]> {
    await this.broker.poll();
    const row = this.broker.queues.value?.find(({ name }) => name === queue);
    const done = row?.message_stats?.ack ?? 0;
    if (this.worn.get(queue) === done) throw lookedAtTooOften(queue);
    this.worn.delete(queue);
    const messages = (await this.broker.peek(queue, limit)) as Got[];
    const deliveries = messages.map(({ properties }) => properties.headers?.['x-delivery-count']);
    if (deliveries.some((count) => Number(count) >= deliveriesMax)) this.worn.set(queue, done);
    return messages.map(({ payload, payload_encoding: encoding, redelivered, properties }) => {
      const { message_id: messageId, type: contract, timestamp, headers = {} } = properties;
      const sentAt =
        timestamp === undefined ? undefined : new Date(timestamp * 1_000).toISOString();
      const body = encoding === 'base64' ? payload : valueOf(payload);
      return { messageId, contract, redelivered, sentAt, body, headers };
    });
  }
}

function lookedAtTooOften(queue: string): Problem {
  return new Problem({
    status: 409,
    type: 'looked-at-too-often',
    title: 'These messages were looked at too often',
    detail: `${queue}: each look counts as a delivery, and after 20 they are dead letters`,
  });
}

function valueOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

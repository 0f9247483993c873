import { Injectable } from '@nestjs/common';
import type { PeekedMessage } from '../api';
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

/** The first messages of a queue. They go back to it at once, marked as redelivered. */
@Injectable()
export class PeekQueue {
  constructor(private readonly broker: BrokerView) {}

  async run(queue: string, limit: number): Promise<PeekedMessage[]> {
    const messages = (await this.broker.peek(queue, limit)) as Got[];
    return messages.map(({ payload, payload_encoding: encoding, redelivered, properties }) => {
      const { message_id: messageId, type: contract, timestamp, headers = {} } = properties;
      const sentAt =
        timestamp === undefined ? undefined : new Date(timestamp * 1_000).toISOString();
      const body = encoding === 'base64' ? payload : valueOf(payload);
      return { messageId, contract, redelivered, sentAt, body, headers };
    });
  }
}

function valueOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

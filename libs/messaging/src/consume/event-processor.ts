import { parseBody, parseJson } from '../body';
import type { Delivery } from './consumer';
import { withTrace } from '../context';
import { MissingMessageId } from '../errors';
import type { Failures } from './failures';
import type { Handler } from '../handlers/handler';
import { Message, messageIdOf } from '../message';

export interface Processor {
  process(delivery: Delivery): Promise<void>;
  /** Handles now what waits for company. */
  flush?(): void;
}

/** One message, one call: ack when the handler's promise resolves, else retry or dead letter. */
export class EventProcessor implements Processor {
  constructor(
    private readonly handler: Handler,
    private readonly failures: Failures,
  ) {}

  async process(delivery: Delivery): Promise<void> {
    const message = Message.from(delivery.raw, this.handler);
    const run = () => this.run(delivery, message);
    await withTrace(message.traceparent, run, message.correlationId ?? message.id);
  }

  private async run(delivery: Delivery, message: Message): Promise<void> {
    try {
      const body = bodyOf(this.handler, delivery);
      // A plain golevelup method gets what golevelup gives: body, raw message, headers.
      const rest: unknown[] = this.handler.contract
        ? [message]
        : [delivery.raw, delivery.raw.properties.headers];
      await this.handler.invoke(body, ...rest);
    } catch (error) {
      return this.failures.settle(delivery, message, error);
    }
    delivery.ack();
  }
}

/** @throws MissingMessageId, BadJson, InvalidBody */
export function bodyOf({ contract, kind }: Handler, { raw }: Delivery): object {
  if (contract === undefined) return parseJson(raw.content);
  if (kind !== 'rpc' && messageIdOf(raw) === undefined) throw new MissingMessageId();
  return parseBody(contract, raw.content);
}

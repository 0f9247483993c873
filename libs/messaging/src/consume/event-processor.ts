import { parseBody, parseJson } from '../body';
import type { Delivery } from './consumer';
import { withTrace } from '../context';
import { asError, MissingMessageId } from '../errors';
import type { Failures } from './failures';
import type { Handler } from '../handlers/handler';
import { sleep } from '../time';
import type { Log } from '../log';
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
    private readonly log: Log,
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
      await settleFailure(delivery, message, this.handler, this.failures, this.log, error);
      return;
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

/** Places the failed message, then acks it; if it cannot be placed it stays on its queue. */
export async function settleFailure(
  delivery: Delivery,
  message: Message,
  handler: Handler,
  failures: Failures,
  log: Log,
  thrown: unknown,
): Promise<void> {
  try {
    await failures.place(delivery.raw, message, handler, thrown);
    delivery.ack();
  } catch (error) {
    const fields = { handler: handler.name, queue: handler.queue, messageId: message.id };
    log.warning('failed message not moved', { ...fields, error: asError(error).message });
    // Not at once: each return to the queue counts towards its delivery limit.
    await sleep(1_000);
    delivery.requeue();
  }
}

import type { Delivery } from '../consume/consumer';
import { withTrace } from '../context';
import { headerNames, numberHeader, type Headers } from '../envelope';
import { InvalidBody, BadJson, Rejected, asError } from '../errors';
import { bodyOf, type Processor } from '../consume/event-processor';
import { errorCode } from '../consume/failures';
import type { Handler } from '../handlers/handler';
import type { Logger } from '@nestjs/common';
import { Message } from '../message';

/** Code of a reply: the handler failed, and the caller did nothing wrong. */
export const internalError = 'internal_error';

interface RpcReply {
  content: Buffer;
  /** Of a reply that is an error. */
  code?: string;
}

/** Answers with the handler's result, or with its error. Never retried: the caller does that. */
export class RpcProcessor implements Processor {
  constructor(
    private readonly handler: Handler,
    private readonly log: Logger,
  ) {}

  async process(delivery: Delivery): Promise<void> {
    const message = Message.from(delivery.raw, this.handler);
    const headers: Headers | undefined = delivery.raw.properties.headers;
    const deadline = numberHeader(headers, headerNames.deadline);
    if (deadline !== undefined && deadline < Date.now()) {
      this.log.debug('request expired', { handler: this.handler.name, messageId: message.id });
      delivery.ack();
      return;
    }
    const run = () => this.reply(delivery, message);
    const { content, code } = await withTrace(message.traceparent, run, message.id);
    // In this order: a reply_to that is nonsense makes RabbitMQ 3.10 drop the connection, and the
    // question must not come back to do it again.
    delivery.ack();
    delivery.reply(content, code === undefined ? undefined : { [headerNames.errorCode]: code });
  }

  private async reply(delivery: Delivery, message: Message): Promise<RpcReply> {
    try {
      const body = bodyOf(this.handler, delivery);
      const extra: unknown = this.handler.contract ? message : delivery.raw;
      const reply = await this.handler.invoke(body, extra);
      return { content: Buffer.from(JSON.stringify(reply ?? null)) };
    } catch (thrown) {
      const error = asError(thrown);
      const { code, text } = publicError(error);
      if (code === internalError) {
        const fields = { handler: this.handler.name, messageId: message.id };
        this.log.error('rpc handler failed', {
          ...fields,
          error: `${error.name}: ${error.message}`,
        });
      }
      return { content: Buffer.from(JSON.stringify({ error: { code, message: text } })), code };
    }
  }
}

// What went wrong inside stays inside: the caller learns no more than that it did.
function publicError(error: Error): { code: string; text: string } {
  if (error instanceof Rejected || error instanceof InvalidBody || error instanceof BadJson) {
    return { code: errorCode(error), text: error.message };
  }
  return { code: internalError, text: 'the handler failed' };
}

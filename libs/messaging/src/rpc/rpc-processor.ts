import type { ConsumeMessage } from 'amqplib';
import type { Delivery } from '../consume/delivery';
import { inStepOf } from '../context';
import { headerNames, numberHeader, type Headers } from '../envelope';
import { InvalidBody, BadJson, Rejected, UnknownEncoding, asError, told } from '../errors';
import { bodyOf, type Processor } from '../consume/event-processor';
import { errorCode } from '../consume/failures';
import { Gather } from '../consume/gather';
import { HandlerObserver } from '../observe/handler-observer';
import type { BatchOptions, Handler } from '../handlers/handler';
import type { Logger } from '@nestjs/common';
import { Message, type Received } from '../message';
import { traceReply } from '../telemetry/asking';
import { endConsumed, inConsumeSpans } from '../telemetry/consuming';

/** Code of a reply: the handler failed, and the caller did nothing wrong. */
export const internalError = 'internal_error';

interface Question extends Received<object> {
  delivery: Delivery;
  settled: () => void;
}

/**
 * Answers with the handler's result, or with its error: many questions a call, or, without a batch,
 * one. Never retried: the caller does that.
 */
export class RpcProcessor implements Processor {
  private readonly calls: Gather<Question>;

  constructor(
    private readonly handler: Handler,
    private readonly log: Logger,
    batch: BatchOptions,
    private readonly observer = new HandlerObserver(handler),
  ) {
    // Somebody waits for the answer.
    this.calls = new Gather(async (questions) => this.call(questions), { restMs: 0, ...batch });
  }

  async process(delivery: Delivery): Promise<void> {
    if (delivery.raw.fields.redelivered) this.observer.redelivered += 1;
    const message = Message.from(delivery.raw, this.handler);
    if (delivery.isUnanswerable) return this.drop(delivery, message);
    let body: object;
    try {
      body = bodyOf(this.handler, delivery.raw);
    } catch (error) {
      const refusal = this.reply(delivery, message, asError(error));
      this.observer.refused(refusal);
      return;
    }
    delivery.heldSince = undefined;
    await new Promise<void>((settled) => this.calls.add({ delivery, body, message, settled }));
  }

  /** Nobody would learn what its handler did. */
  private drop(delivery: Delivery, { id: messageId, appId: from }: Message): void {
    delivery.ack();
    this.observer.refused('not_answerable');
    this.log.warn('direct reply-to is not answered in strict mode', {
      handler: this.handler.name,
      messageId,
      from,
    });
  }

  private async call(gathered: Question[]): Promise<void> {
    const now = Date.now();
    const questions = gathered.filter((question) => !this.isExpired(question, now));
    if (questions.length === 0) return;
    for (const { delivery } of questions) delivery.heldSince = now;
    const began = performance.now();
    const answers = await inConsumeSpans(this.handler, questions, async () => this.ask(questions));
    const call = this.observer.called(questions, began, errorOfAll(answers));
    for (const [index, { delivery, message, body, settled }] of questions.entries()) {
      const refusal = this.reply(delivery, message, answers[index]);
      this.observer.answered(message, body, call, refusal);
      endConsumed(message);
      settled();
    }
  }

  /** Its caller has given up: the handler is not asked. */
  private isExpired({ delivery, message, settled }: Question, now: number): boolean {
    if (!isTooLate(delivery.raw, now)) return false;
    this.observer.expired += 1;
    this.log.debug('request expired', { handler: this.handler.name, messageId: message.id });
    delivery.ack();
    settled();
    return true;
  }

  /** @returns an answer to each, in their order; a refusal is an Error */
  private async ask(questions: Question[]): Promise<unknown[]> {
    const { handler } = this;
    const [first] = questions;
    if (first === undefined) return [];
    const { body, message, delivery } = first;
    const inTrace = <T>(invoke: () => T) => inStepOf(message, invoke, message.id);
    try {
      if (handler.batch === undefined) {
        const extra: unknown = handler.contract ? message : delivery.raw;
        return [await inTrace(async () => handler.invoke(body, extra))];
      }
      const batch = questions.map(({ body, message }): Received<object> => ({ body, message }));
      const invoke = async () => handler.invoke(batch);
      return asMany(await (batch.length === 1 ? inTrace(invoke) : invoke()), batch.length);
    } catch (thrown) {
      if (handler.batch === undefined) return [asError(thrown)];
      // Nobody knows which of them it is about.
      this.logFailure(message, asError(thrown));
      return questions.map(() => failedTogether);
    }
  }

  /** @returns the code of a refusal */
  private reply(delivery: Delivery, message: Message, answer: unknown): string | undefined {
    const { content, code } = this.encode(message, answer);
    // In this order: a reply_to that is nonsense makes RabbitMQ 3.10 drop the connection, and the
    // question must not come back to do it again.
    delivery.ack();
    traceReply(message, content, code);
    delivery.reply(content, {
      headers: code === undefined ? undefined : { [headerNames.errorCode]: code },
    });
    return code;
  }

  private encode(message: Message, answer: unknown): { content: Buffer; code?: string } {
    try {
      if (answer instanceof Error) throw answer;
      return { content: Buffer.from(JSON.stringify(answer ?? null)) };
    } catch (thrown) {
      const error = asError(thrown);
      const answer = errorAnswer(error);
      const isInside = answer.code === internalError && error !== failedTogether;
      if (isInside) this.logFailure(message, error);
      return answer;
    }
  }

  private logFailure({ id: messageId }: Message, error: Error): void {
    const fields = { handler: this.handler.name, messageId };
    this.log.error('rpc handler failed', { ...fields, ...told(error) });
  }
}

/** Whether who asked waits no more. */
export function isTooLate({ properties }: ConsumeMessage, now: number): boolean {
  const headers: Headers | undefined = properties.headers;
  const deadline = numberHeader(headers, headerNames.deadline);
  return deadline !== undefined && deadline < now;
}

/** Of the call, when it has failed for all that asked. */
function errorOfAll([first, ...others]: unknown[]): Error | undefined {
  return first instanceof Error && others.every((one) => one === first) ? first : undefined;
}

/** The answer to each question of a call that failed, and was logged. */
const failedTogether = new Error('the call failed');

function asMany(result: unknown, count: number): unknown[] {
  if (Array.isArray(result) && result.length === count) return result;
  throw new Error(
    'a handler of batches returns a list: an answer to each question, in their order',
  );
}

/** They are about the question itself. */
const publicErrors = [Rejected, InvalidBody, BadJson, UnknownEncoding];

/** What the runtime's own callers make an error of, by its code in a header. */
export function errorAnswer(error: Error): { content: Buffer; code: string } {
  const { code, text } = publicError(error);
  return { content: Buffer.from(JSON.stringify({ error: { code, message: text } })), code };
}

// What went wrong inside stays inside: the caller learns no more than that it did.
function publicError(error: Error): { code: string; text: string } {
  if (publicErrors.some((kind) => error instanceof kind)) {
    return { code: errorCode(error), text: error.message };
  }
  return { code: internalError, text: 'the handler failed' };
}

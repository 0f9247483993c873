import { typeOf, type Body, type Reply, type RpcContract } from '../contract';
import type { Channel, ConsumeMessage, Message as Returned } from 'amqplib';
import { encodeBody, parseBody, parseJson } from '../body';
import { headerNames, newEnvelope, stringHeader, toProperties, type Headers } from '../envelope';
import { encodingOf } from '../content';
import { Rejected, RpcFailed, UnknownEncoding, Unroutable, asError } from '../errors';
import type { Link } from '../connection/link';
import { publish } from '../connection/publish-frames';
import type { Logger } from '@nestjs/common';
import type { OperationTimes } from '../observe/operation-times';
import type { SentCounts } from '../observe/sent-counts';
import { ReopeningChannel } from '../connection/reopening-channel';
import { Questions, type Asked, type Listener, type Question } from './questions';
import { internalError } from './rpc-processor';
import { inAskSpan } from '../telemetry/asking';
import { directReplyTo, simpleWays, type Ways } from '../topology/ways';
import { openReplyQueue } from './reply-queue';

export interface RpcClientOptions {
  link: Link;
  log: Logger;
  service: string;
  ways?: Ways;
  /** Whether it is to have a queue for answers, in strict mode; true when not given. */
  asks?: boolean;
  counts?: SentCounts;
  times?: OperationTimes;
  /** Callers without an answer at most. */
  waitingMax: number;
}

/** Asks over the broker's direct reply-to; in strict mode, over a queue for its answers. */
export class RpcClient {
  private readonly questions: Questions;
  readonly channel: ReopeningChannel;
  private readonly ways: Ways;
  /** Where answers come to on this channel. */
  private replyTo = directReplyTo;
  private stopped = false;
  /** Answers that came after their deadline. */
  lateReplies = 0;

  constructor(private readonly options: RpcClientOptions) {
    const { link, log, waitingMax, ways = simpleWays } = options;
    this.ways = ways;
    this.questions = new Questions(waitingMax, (question) => this.write(question));
    this.channel = new ReopeningChannel({
      link,
      log,
      name: 'rpc client',
      create: (model) => model.createChannel(),
      prepare: (channel) => this.prepare(channel),
      onOpen: () => {
        for (const question of this.questions.all()) this.write(question);
      },
      // Direct replies die with their channel: nothing will answer these any more.
      onLost: (_, reason) => this.questions.failAll(`its channel was lost: ${reason}`),
    });
  }

  /** Callers that wait for an answer now. */
  get inFlight(): number {
    return this.questions.waiting;
  }

  // A user that says nothing of asking may have no queue for answers.
  private get mayAsk(): boolean {
    return !this.ways.isStrict || this.options.asks !== false;
  }

  get isOpen(): boolean {
    return !this.stopped && this.channel.current !== undefined;
  }

  /**
   * @throws Rejected the other side refused, with its code
   * @throws RpcTimeout no answer within `timeoutMs`; Unroutable no service ever served the queue
   * @throws RpcFailed the other side failed, its answer is invalid, or there was no link
   */
  async ask<C extends RpcContract>(
    contract: C,
    body: Body<C>,
    timeoutMs: number,
  ): Promise<Reply<C>> {
    const { queue } = contract.route;
    const ended = this.options.times?.begin(queue);
    try {
      const asking = async () => this.askNow(contract, body, timeoutMs);
      const answer = await inAskSpan('', queue, asking);
      ended?.();
      return answer;
    } catch (error) {
      ended?.(asError(error));
      throw error;
    }
  }

  private async askNow<C extends RpcContract>(
    contract: C,
    body: Body<C>,
    timeoutMs: number,
  ): Promise<Reply<C>> {
    const { queue, reply, readOnly } = contract.route;
    if (this.stopped) throw new RpcFailed(queue, 'shutting down');
    if (!this.mayAsk) throw new RpcFailed(queue, `name ${contract.name} in "sends" first`);
    const text = encodeBody(contract, body);
    const key = readOnly ? `${queue}\n${text}` : undefined;
    const answer = await this.questions.wait(key, timeoutMs, () => {
      this.options.counts?.add('', queue, contract.name);
      return { envelope: newEnvelope(typeOf(contract)), queue, content: Buffer.from(text) };
    });
    try {
      return parseBody(reply, answer) as Reply<C>;
    } catch (error) {
      throw invalidAnswer(queue, asError(error).message);
    }
  }

  /** Asks in another format than ours, and takes every answer. @returns ends it */
  open(asked: Asked, listener: Listener): () => void {
    if (!this.stopped) return this.questions.open(asked, listener);
    listener.failed(new RpcFailed(asked.queue, 'shutting down'));
    return () => undefined;
  }

  stop(): void {
    this.stopped = true;
    this.questions.failAll('shutting down');
  }

  /** Without a channel it waits for one: `onOpen` writes all. */
  private write(question: Question): void {
    const { current } = this.channel;
    if (current === undefined) return;
    const { envelope, queue, content, deadline, properties: own } = question;
    const { messageId } = envelope;
    const expiration = Math.max(1, Math.ceil(deadline - performance.now()));
    const properties = toProperties(envelope, this.options.service);
    const headers = properties.headers as Headers;
    if (own !== undefined)
      Object.assign(properties, own, { headers: { ...headers, ...own.headers } });
    properties.correlationId = messageId;
    properties.replyTo = this.replyTo;
    properties.expiration = String(expiration);
    (properties.headers as Headers)[headerNames.deadline] = Date.now() + expiration;
    const place = question.place ?? this.ways.to(queue);
    try {
      publish(current, place, content, properties, { mandatory: true });
      question.isAsked = true;
    } catch (error) {
      // A channel that is closing takes nothing more.
      this.questions.fail(messageId, () => new RpcFailed(queue, asError(error).message));
    }
  }

  private async prepare(channel: Channel): Promise<void> {
    channel.on('return', ({ properties, fields }: Returned) => {
      const error = () => new Unroutable(fields.exchange, fields.routingKey);
      this.questions.fail(String(properties.correlationId), error);
    });
    const onReply = (raw: ConsumeMessage | null) => this.replied(channel, raw);
    if (!this.mayAsk) return;
    if (this.ways.isStrict) this.replyTo = await openReplyQueue(channel, this.ways);
    await channel.consume(this.replyTo, onReply, { noAck: true });
  }

  private replied(channel: Channel, raw: ConsumeMessage | null): void {
    if (raw === null) {
      void channel.close().catch(() => undefined);
      return;
    }
    const id = String(raw.properties.correlationId);
    const headers: Headers | undefined = raw.properties.headers;
    const code = stringHeader(headers, headerNames.errorCode);
    if (!this.end(id, code, raw)) this.lateReplies += 1;
  }

  /** @returns whether anybody still waits for it */
  private end(id: string, code: string | undefined, raw: ConsumeMessage): boolean {
    if (code !== undefined) {
      return this.questions.fail(id, (queue) => remoteError(queue, code, raw.content));
    }
    const encoding = encodingOf(raw);
    if (encoding === undefined) return this.questions.answer(id, raw.content, raw);
    const { message } = new UnknownEncoding(encoding);
    return this.questions.fail(id, (queue) => invalidAnswer(queue, message));
  }
}

function invalidAnswer(queue: string, why: string): RpcFailed {
  return new RpcFailed(queue, `its answer is invalid: ${why}`);
}

function remoteError(queue: string, code: string, content: Buffer): Error {
  let message = code;
  try {
    const body = parseJson(content) as { error?: { message?: unknown } };
    if (typeof body.error?.message === 'string') message = body.error.message;
  } catch {
    // The code alone says enough.
  }
  return code === internalError ? new RpcFailed(queue, message) : new Rejected(code, message);
}

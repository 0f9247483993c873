import type { Body, Reply, RpcContract } from '../contract';
import type { Channel, ConsumeMessage, Message as Returned } from 'amqplib';
import { encodeBody, parseJson, toInstance } from '../body';
import { headerNames, newEnvelope, stringHeader, toProperties, type Headers } from '../envelope';
import { Rejected, RpcFailed, RpcTimeout, Unroutable, asError } from '../errors';
import type { Link } from '../connection/link';
import type { Logger } from '@nestjs/common';
import { ReopeningChannel } from '../connection/reopening-channel';
import { internalError } from './rpc-processor';

interface Waiting {
  queue: string;
  resolve: (reply: Buffer) => void;
  reject: (error: Error) => void;
}

export interface RpcClientOptions {
  link: Link;
  log: Logger;
  service: string;
  /** Questions without an answer that are held at most. */
  waitingMax: number;
}

const directReplyTo = 'amq.rabbitmq.reply-to';

/** Asks over the broker's direct reply-to. No caller is left pending: each ask has a deadline. */
export class RpcClient {
  private readonly waiting = new Map<string, Waiting>();
  readonly channel: ReopeningChannel;
  private readonly onOpen = new Set<() => void>();
  private stopped = false;
  /** Answers that came after their deadline. */
  lateReplies = 0;

  constructor(private readonly options: RpcClientOptions) {
    const { link, log } = options;
    this.channel = new ReopeningChannel({
      link,
      log,
      name: 'rpc client',
      create: (model) => model.createChannel(),
      prepare: (channel) => this.prepare(channel),
      onOpen: () => {
        for (const write of this.onOpen) write();
        this.onOpen.clear();
      },
      // Direct replies die with their channel: nothing will answer these any more.
      onLost: () => this.failAll('the link was lost while it waited'),
    });
  }

  get isOpen(): boolean {
    return !this.stopped && this.channel.current !== undefined;
  }

  /**
   * @throws Rejected the other side refused, with its code
   * @throws RpcTimeout no answer within `timeoutMs`; Unroutable no service ever served the queue
   * @throws RpcFailed the other side failed, its answer is invalid, or the link was lost
   */
  async ask<C extends RpcContract>(
    contract: C,
    body: Body<C>,
    timeoutMs: number,
  ): Promise<Reply<C>> {
    const { queue, reply } = contract.route;
    const content = Buffer.from(encodeBody(contract, body));
    const answer = await this.exchange(queue, contract.name, content, timeoutMs);
    try {
      return toInstance(reply, parseJson(answer)) as Reply<C>;
    } catch (error) {
      throw new RpcFailed(queue, `its answer is invalid: ${asError(error).message}`);
    }
  }

  stop(): void {
    this.stopped = true;
    this.failAll('shutting down');
  }

  private async exchange(queue: string, type: string, content: Buffer, timeoutMs: number) {
    if (this.stopped) throw new RpcFailed(queue, 'shutting down');
    if (this.waiting.size >= this.options.waitingMax) {
      throw new RpcFailed(queue, `${this.options.waitingMax} questions already wait for an answer`);
    }
    const envelope = newEnvelope(type);
    const { messageId } = envelope;
    let timer: NodeJS.Timeout | undefined;
    let write: (() => void) | undefined;
    try {
      return await new Promise<Buffer>((resolve, reject) => {
        this.waiting.set(messageId, { queue, resolve, reject });
        timer = setTimeout(() => reject(new RpcTimeout(queue, timeoutMs)), timeoutMs);
        const deadline = Date.now() + timeoutMs;
        const properties = toProperties(envelope, this.options.service);
        write = () => {
          const options = {
            ...properties,
            correlationId: messageId,
            replyTo: directReplyTo,
            mandatory: true,
            expiration: Math.max(1, deadline - Date.now()),
            headers: { ...(properties.headers as object), [headerNames.deadline]: deadline },
          };
          try {
            this.channel.current?.publish('', queue, content, options);
          } catch (error) {
            // A channel that is closing takes nothing more.
            reject(new RpcFailed(queue, asError(error).message));
          }
        };
        if (this.channel.current !== undefined) write();
        else this.onOpen.add(write);
      });
    } finally {
      clearTimeout(timer);
      this.waiting.delete(messageId);
      if (write !== undefined) this.onOpen.delete(write);
    }
  }

  private async prepare(channel: Channel): Promise<void> {
    channel.on('return', (returned: Returned) => this.returned(returned));
    const onReply = (raw: ConsumeMessage | null) => this.replied(channel, raw);
    await channel.consume(directReplyTo, onReply, { noAck: true });
  }

  private failAll(reason: string): void {
    for (const { queue, reject } of this.waiting.values()) reject(new RpcFailed(queue, reason));
  }

  private returned({ properties, fields }: Returned): void {
    const waiting = this.waiting.get(String(properties.correlationId));
    waiting?.reject(new Unroutable(fields.exchange, fields.routingKey));
  }

  private replied(channel: Channel, raw: ConsumeMessage | null): void {
    if (raw === null) {
      void channel.close().catch(() => undefined);
      return;
    }
    const waiting = this.waiting.get(String(raw.properties.correlationId));
    if (waiting === undefined) {
      this.lateReplies += 1;
      return;
    }
    const headers: Headers | undefined = raw.properties.headers;
    const code = stringHeader(headers, headerNames.errorCode);
    if (code === undefined) waiting.resolve(raw.content);
    else waiting.reject(remoteError(waiting.queue, code, raw.content));
  }
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

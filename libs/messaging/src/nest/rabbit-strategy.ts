import {
  type CustomTransportStrategy,
  type MessageHandler,
  type OutgoingResponse,
  type RmqContext,
  Server,
  Transport,
  type WritePacket,
} from '@nestjs/microservices';
import type { ConsumeMessage } from 'amqplib';
import { finalize, isObservable, lastValueFrom, throwError } from 'rxjs';
import { jsonOf } from '../body';
import type { Properties } from '../connection/publish-frames';
import { plainContent } from '../content';
import { Engine } from '../engine';
import { asError, Rejected } from '../errors';
import { MessagingHealth, type MessagingState } from '../liveness/health';
import type { Message } from '../message';
import { utf8Text } from '../utf8';
import { matchPattern } from './match-pattern';
import { type Call, type Packet, PacketProcessor } from './packet-processor';
import { refuse, type StrategyOptions, urlsOf, wiringOf } from './strategy-options';
import { thrownIn, watchThrown } from './thrown';

type RmqStatus = 'connected' | 'disconnected';

/** Messages in hand at most; the stock transport has no limit. */
const defaultPrefetch = 200;
const noHandler = 'There is no matching message handler defined in the remote service.';
/** As Nest answers an error that it does not know. */
const unknownError = { status: 'error', message: 'Internal server error' };

/**
 * Nest's RabbitMQ transport on the supervised runtime: the same handlers, options and messages.
 *
 * ```ts
 * app.connectMicroservice({ strategy: new RabbitStrategy({ urls, queue: 'cats' }) });
 * ```
 */
export class RabbitStrategy
  extends Server<Record<string, never>, RmqStatus>
  implements CustomTransportStrategy
{
  override transportId = Transport.RMQ;
  private readonly engine: Engine;
  private readonly health: MessagingHealth;

  /** @throws WiringError an option that cannot keep the guarantee, by its name */
  constructor(private readonly options: StrategyOptions) {
    super();
    refuse(options);
    watchThrown();
    this.initializeSerializer(options);
    this.initializeDeserializer(options);
    const { queue = '', service = queue, drainTimeoutMs, consumerCheckMs } = options;
    const amqpUrl = urlsOf(options);
    const { connectionOptions: socketOptions } = options.socketOptions ?? {};
    this.engine = new Engine({
      service,
      amqpUrl,
      socketOptions,
      drainTimeoutMs,
      consumerCheckMs,
    });
    this.health = new MessagingHealth(this.engine, undefined, options);
    this.engine.consuming.onUp((model) => {
      this._status$.next('connected');
      model.once('close', () => this._status$.next('disconnected'));
    });
  }

  /** Whether it is on the broker, and its handlers get their messages. Answers within 3 s. */
  async check(): Promise<MessagingState> {
    return this.health.check();
  }

  /** @param callback gets an error when the broker is there and cannot keep the guarantee */
  async listen(callback: (error?: unknown) => void): Promise<void> {
    try {
      const { engine, options } = this;
      const wiring = wiringOf(options, [...this.messageHandlers.keys()]);
      const prefetch = options.prefetchCount || defaultPrefetch;
      const processor = new PacketProcessor(this, wiring, engine.publisher, engine.log);
      await engine.start([{ wiring, prefetch, processor }]);
    } catch (error) {
      return callback(error);
    }
    callback();
  }

  /** Takes nothing new, finishes what it has, and leaves the broker. */
  async close(): Promise<void> {
    await this.engine.stop();
  }

  on(): never {
    throw new Error('a connection of the runtime has no events: subscribe to `status`');
  }

  unwrap<T>(): T {
    return this.engine as T;
  }

  async read(raw: ConsumeMessage, message: Message): Promise<Packet> {
    const text = utf8Text(plainContent(raw));
    const value = text === undefined ? raw.content.toString() : parsed(text);
    const packet = (await this.deserializer.deserialize(value, raw.properties)) as Packet;
    if (packet.pattern !== undefined) return packet;
    // No packet of Nest's: the type says what it is, or else the key that it came by.
    return { pattern: message.type || raw.fields.routingKey, data: jsonOf(raw.content) };
  }

  patternOf({ pattern }: Packet): string {
    return this.getPatternAsString(pattern);
  }

  find(pattern: string): MessageHandler | null {
    const found = this.messageHandlers.get(pattern) ?? this.getHandlerByPattern(pattern);
    if (found !== null || !this.options.wildcards) return found;
    const wildcard = [...this.messageHandlers].find(([one]) => matchPattern(one, pattern));
    return wildcard?.[1] ?? null;
  }

  async run(call: Call): Promise<void> {
    const given = await this.begin(call);
    if (isObservable(given)) await lastValueFrom(given, { defaultValue: undefined });
  }

  async answer(call: Call, first: () => void): Promise<void> {
    try {
      await this.answerEach(call, first);
    } catch (error) {
      const { message } = asError(error);
      this.engine.log.error('answer not written', { pattern: call.pattern, error: message });
      this.reply(call, { err: unknownError, isDisposed: true });
    }
  }

  /** @throws what cannot be written: a BigInt, a cycle */
  private async answerEach(call: Call, first: () => void): Promise<void> {
    const given = await this.begin(call).catch((error: unknown) => throwError(() => error));
    if (!isObservable(given)) {
      first();
      return this.reply(call, { response: given, isDisposed: true });
    }
    await new Promise<void>((ended, failed) => {
      this.send(given, (packet) => {
        try {
          first();
          this.reply(call, packet);
          if (packet.isDisposed) ended();
        } catch (error) {
          failed(asError(error));
        }
      });
    });
  }

  /** What the handler gives, between the hooks of Nest's server: a value, or an observable. */
  private async begin({ handler, packet, context }: Call): Promise<unknown> {
    if (handler === null) return throwError(() => noHandler);
    await this.started(context);
    const over = () => this.onProcessingEndHook?.(Transport.RMQ, context);
    let given: unknown;
    try {
      given = await handler(packet.data, context);
    } catch (error) {
      over();
      throw error;
    }
    if (isObservable(given)) return given.pipe(finalize(over));
    over();
    return given;
  }

  private reply({ context, delivery, handler, packet: { id } }: Call, packet: WritePacket): void {
    if (packet.err !== undefined) packet.err = errorOf(context, packet.err);
    if (handler === null) Object.assign(packet, { id, status: 'error' });
    const outgoing: unknown = this.serializer.serialize(packet as OutgoingResponse);
    const { options, ...whole } = outgoing as { options?: Properties };
    delivery.reply(Buffer.from(JSON.stringify(whole)), options);
  }

  private async started(context: RmqContext): Promise<void> {
    await new Promise<void>((done, failed) => {
      const begun: unknown = this.onProcessingStartHook(Transport.RMQ, context, async () => done());
      if (begun instanceof Promise) begun.catch((error: unknown) => failed(asError(error)));
    });
  }
}

/** A text that is no JSON goes to the deserializer as it is. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** A refusal keeps its code, which the other side can act on. */
function errorOf(context: RmqContext, answered: unknown): unknown {
  const thrown = thrownIn(context, answered);
  if (!(thrown instanceof Rejected)) return answered;
  return { status: 'error', code: thrown.code, message: thrown.message };
}

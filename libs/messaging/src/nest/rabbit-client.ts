import {
  ClientProxy,
  type OutgoingRequest,
  type ReadPacket,
  RmqRecord,
  type RmqRecordOptions,
  type WritePacket,
} from '@nestjs/microservices';
import { jsonOf } from '../body';
import type { Properties } from '../connection/publish-frames';
import { keepFlows } from '../context';
import { Engine } from '../engine';
import { type Envelope, newEnvelope, toProperties } from '../envelope';
import { asError, Rejected } from '../errors';
import { WiringError } from '../wiring-error';
import type { Transaction } from '../outbox/database';
import { sendText } from '../outbox/outbox';
import { givenProperties } from '../publish/given-properties';
import { until } from '../time';
import { type ClientOptions, refuse, targetOf, typeOf, urlsOf } from './strategy-options';

const defaultTimeoutMs = 5_000;

type Callback = (packet: WritePacket) => void;

interface Serialized {
  options?: RmqRecordOptions;
  [field: string]: unknown;
}

interface Encoded {
  envelope: Envelope;
  content: Buffer;
  properties: Properties;
}

/**
 * Nest's RabbitMQ client on the supervised runtime: the same options and messages. An `emit` ends
 * when the broker has the message for good, a `send` by its deadline.
 *
 * - `emit` fails with Unroutable (no queue takes it), PublishUnknown, PublishRefused or
 *   PublishBufferFull
 * - `send` fails with Rejected (the other side refused, with its code), Unroutable, RpcTimeout or
 *   RpcFailed, or with the other side's error as it came
 */
export class RabbitClient extends ClientProxy {
  private readonly engine: Engine;
  private readonly timeoutMs: number;
  private declared?: Promise<void>;

  /** @throws WiringError an option that cannot keep the guarantee, by its name */
  constructor(private readonly options: ClientOptions) {
    super();
    refuse(options, true);
    this.initializeSerializer(options);
    this.initializeDeserializer(options);
    const { queue = '', service = queue, timeoutMs = defaultTimeoutMs } = options;
    this.timeoutMs = timeoutMs;
    const { connectionOptions: socketOptions } = options.socketOptions ?? {};
    const settings = { service, amqpUrl: urlsOf(options), socketOptions };
    this.engine = new Engine(settings, options.database);
    keepFlows();
    this.engine.publishing.onUp(() => (this.declared = undefined));
  }

  /** Needs no broker: what is said before it is there waits for it, until its deadline. */
  async connect(): Promise<void> {
    this.engine.startSpeaking();
  }

  async close(): Promise<void> {
    await this.engine.stop();
  }

  unwrap<T>(): T {
    return this.engine as T;
  }

  /**
   * `emit` with a transaction: when it commits, the event is sent; when it rolls back, there never
   * was one. The relay of the service's messaging, or of this client's `database`, publishes it.
   * @returns the message's id
   * @throws WiringError for a record with options, which the outbox does not keep
   */
  async emitIn(tx: Transaction, pattern: unknown, data: unknown): Promise<string> {
    const packet = { pattern, data };
    const { envelope, content, properties } = this.encoded(packet);
    const { headers = {}, ...options } = properties;
    const kept = [...Object.keys(headers), ...Object.keys(options)];
    if (kept.length > 0) {
      throw new WiringError(`the outbox keeps no headers or options: ${kept.join(', ')}`);
    }
    const { exchange, routingKey } = this.target(packet);
    const type = typeOf(this.options);
    return sendText(tx, { exchange, type, routingKey }, envelope, content.toString());
  }

  protected async dispatchEvent<T>(packet: ReadPacket): Promise<T> {
    const { envelope, content, properties } = this.encoded(packet);
    const { publisher, settings } = this.engine;
    const own = toProperties(envelope, settings.service);
    const headers = { ...own.headers, ...properties.headers };
    const whole = { ...own, ...properties, headers };
    await publisher.publish(this.target(packet), content, whole, this.timeoutMs);
    return undefined as T;
  }

  /** @returns what takes no more answers */
  protected publish(packet: ReadPacket, callback: Callback): () => void {
    let isOver = false;
    let end = (): void => undefined;
    const over = (last: WritePacket): void => {
      if (isOver) return;
      isOver = true;
      end();
      callback(last);
    };
    const fail = (thrown: unknown): void => over({ err: asError(thrown) });
    const ask = async (): Promise<void> => {
      const { timeoutMs } = this;
      const question = this.encoded(packet, true);
      const { exchange, routingKey, needs } = this.target(packet);
      // A question to an exchange that is not there would end the channel of all questions.
      if (exchange !== '') await this.declareOnce(needs);
      if (isOver) return;
      const place = { exchange, routingKey };
      const queue = exchange === '' ? routingKey : exchange;
      let before = Promise.resolve();
      const answered = (answer: Buffer): void => {
        before = before.then(async () => this.hear(answer, callback, over)).catch(fail);
      };
      const listener = { timeoutMs, answered, failed: fail };
      end = this.engine.rpc.open({ ...question, queue, place }, listener);
    };
    ask().catch(fail);
    return () => {
      isOver = true;
      end();
    };
  }

  protected override initializeSerializer({ serializer }: ClientOptions): void {
    this.serializer = (serializer ?? { serialize: unwrapped }) as typeof this.serializer;
  }

  protected override serializeError(error: unknown): unknown {
    const { code, message } = Object(error) as { code?: unknown; message?: unknown };
    if (error instanceof Error || typeof code !== 'string') return error;
    return new Rejected(code, String(message));
  }

  private async hear(answer: Buffer, more: Callback, over: Callback): Promise<void> {
    const packet: WritePacket = await this.deserializer.deserialize(jsonOf(answer));
    if (packet.isDisposed || packet.err) over({ ...packet, isDisposed: true });
    else more(packet);
  }

  /** @param isQuestion the id that its answers name goes with it */
  private encoded(packet: ReadPacket, isQuestion = false): Encoded {
    const envelope = newEnvelope(this.patternOf(packet));
    const named = isQuestion ? { ...packet, id: envelope.messageId } : packet;
    const { options, ...whole } = this.serialized(named as OutgoingRequest);
    const properties = givenProperties(options ?? {});
    const headers = { ...this.options.headers, ...properties.headers };
    return {
      envelope,
      content: Buffer.from(JSON.stringify(whole)),
      properties: { ...properties, headers },
    };
  }

  private serialized(packet: OutgoingRequest): Serialized {
    return this.serializer.serialize(packet) as Serialized;
  }

  private target(packet: ReadPacket) {
    return targetOf(this.options, this.patternOf(packet));
  }

  private patternOf({ pattern }: ReadPacket): string {
    return typeof pattern === 'string' ? pattern : JSON.stringify(pattern);
  }

  private async declareOnce(needs: ReturnType<typeof targetOf>['needs']): Promise<void> {
    const { publishing } = this.engine;
    await until(() => publishing.isUp, this.timeoutMs);
    this.declared ??= publishing.declare(needs ?? {});
    await this.declared;
  }
}

/** A record's data, and beside it what is to be said of the message. */
function unwrapped(packet: ReadPacket): Serialized {
  const data: unknown = packet.data;
  if (!(data instanceof RmqRecord)) return { ...packet };
  return { ...packet, data: data.data as unknown, options: data.options };
}

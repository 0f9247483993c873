import { AmqpConnection, RpcTimeoutError, type RequestOptions } from '@golevelup/nestjs-rabbitmq';
import type { ConsumeMessage, Options } from 'amqplib';
import type { Properties } from '../connection/publish-frames';
import type { Engine } from '../engine';
import { type Envelope, newEnvelope, toProperties } from '../envelope';
import { RpcTimeout, Unroutable } from '../errors';
import { WiringError } from '../wiring-error';
import type { Transaction } from '../outbox/database';
import { inAskSpan } from '../telemetry/asking';
import { sendText } from '../outbox/outbox';
import { givenProperties } from '../publish/given-properties';
import { until } from '../time';
import { utf8Text } from '../utf8';
import type { RabbitMQOptions } from './config';
import { read, write } from './content';
import type { Places } from './places';

const defaultRpcTimeoutMs = 10_000;
const directReplies = 'amq.rabbitmq.reply-to.';

/**
 * What a service injects as golevelup's `AmqpConnection`, on the supervised runtime.
 *
 * - `publish` resolves when the broker has the message for good. It fails with Unroutable (no queue
 *   takes it; with `mandatory: false` that is no failure), PublishUnknown, PublishRefused or
 *   PublishBufferFull
 * - `publishIn` is `publish` within a transaction
 * - `request` fails with golevelup's RpcTimeoutError, and with Rejected, Unroutable or RpcFailed
 */
export class RabbitConnection extends AmqpConnection {
  private readonly asking = new Set<string>();
  private readonly declared = new Map<string, Promise<void>>();

  constructor(
    private readonly options: RabbitMQOptions,
    private readonly engine: Engine,
    private readonly places: Places,
  ) {
    super(options);
    engine.publishing.onUp(() => this.declared.clear());
  }

  override get connected(): boolean {
    return this.engine.publishing.isUp && this.engine.consuming.isUp;
  }

  override async publish(
    exchange: string,
    routingKey: string,
    message: unknown,
    options: Options.Publish = {},
  ): Promise<boolean> {
    const said = { ...this.options.defaultPublishOptions, ...options };
    const envelope = newEnvelope(said.type ?? routingKey);
    const own = toProperties(envelope, this.engine.settings.service);
    const { headers, ...given } = { ...this.typeOf(message), ...givenProperties(said) };
    const properties = { ...own, ...given, headers: { ...own.headers, ...headers } };
    const target = { exchange, routingKey, needs: this.places.exchange(exchange) };
    const content = write(message, this.options.serializer);
    try {
      const { publishTimeoutMs } = this.options;
      await this.engine.publisher.publish(target, content, properties, publishTimeoutMs);
    } catch (error) {
      // The broker returns what goes to a direct reply-to, though it is there.
      const isReply = exchange === '' && routingKey.startsWith(directReplies);
      if (!(error instanceof Unroutable) || (said.mandatory !== false && !isReply)) throw error;
    }
    return true;
  }

  /**
   * `publish` with a transaction: when it commits, the relay of the module's `database` sends the
   * message; when it rolls back, there never was one.
   * @returns the message's id
   * @throws WiringError without a `database`; what the outbox does not keep: bytes, headers and
   * other options; an exchange whose type the configuration does not say
   */
  async publishIn(
    tx: Transaction,
    exchange: string,
    routingKey: string,
    message: object,
  ): Promise<string> {
    const { database, defaultPublishOptions = {}, serializer } = this.options;
    if (database === undefined) throw new WiringError('publishIn: give the module its database');
    const given = Object.keys(defaultPublishOptions);
    if (given.length > 0) throw new WiringError(`the outbox keeps no options: ${given.join(', ')}`);
    const content = write(message, serializer);
    const text = utf8Text(content);
    if (text === undefined || message instanceof Uint8Array) {
      throw new WiringError('the outbox keeps JSON alone');
    }
    const destination = { exchange, routingKey, type: this.places.typeOf(exchange) };
    return sendText(tx, destination, newEnvelope(routingKey), text);
  }

  override async request<T>(options: RequestOptions): Promise<T> {
    const { exchange, routingKey } = options;
    return inAskSpan(exchange, routingKey, async () => this.requestNow(options));
  }

  private async requestNow<T>(options: RequestOptions): Promise<T> {
    const { exchange, routingKey, timeout } = options;
    const timeoutMs = timeout || this.options.defaultRpcTimeout || defaultRpcTimeoutMs;
    const envelope = this.envelopeOf(options);
    const { messageId } = envelope;
    this.asking.add(messageId);
    try {
      const needs = this.places.exchange(exchange);
      // A question to an exchange that is not there would end the channel of all questions.
      if (needs !== undefined) await this.declareOnce(exchange, needs, timeoutMs);
      const raw = await this.ask(options, envelope, timeoutMs);
      // What a handler answers with nothing.
      if (raw.content.length === 0) return undefined as T;
      return read(raw, { deserializer: this.options.deserializer }) as T;
    } catch (error) {
      if (error instanceof RpcTimeout) throw new RpcTimeoutError(timeoutMs, exchange, routingKey);
      throw error;
    } finally {
      this.asking.delete(messageId);
    }
  }

  /** Takes nothing new, finishes what it has, and leaves the broker. */
  override async close(): Promise<void> {
    await this.engine.stop();
  }

  // What follows is golevelup's, and a channel of its own would stand behind it.

  override get channel(): never {
    return notHere('channel', 'publish and request say all that needs a channel');
  }
  override get channels(): never {
    return notHere('channels', 'publish and request say all that needs a channel');
  }
  override get managedChannel(): never {
    return notHere('managedChannel', 'amqp-connection-manager is not used');
  }
  override get managedChannels(): never {
    return notHere('managedChannels', 'amqp-connection-manager is not used');
  }
  override get connection(): never {
    return notHere('connection', 'it changes whenever it is made anew');
  }
  override get managedConnection(): never {
    return notHere('managedConnection', 'amqp-connection-manager is not used');
  }
  override get consumerTags(): never {
    return notHere('consumerTags', 'a tag changes whenever its consumer is made anew');
  }
  override init(): never {
    return notHere('init', 'the module does it');
  }
  override createSubscriber(): never {
    return notHere('createSubscriber', 'decorate a method with @RabbitSubscribe');
  }
  override createBatchSubscriber(): never {
    return notHere('createBatchSubscriber', 'decorate a method with @RabbitSubscribe');
  }
  override createRpc(): never {
    return notHere('createRpc', 'decorate a method with @RabbitRPC');
  }
  override setupRpcChannel(): never {
    return notHere('setupRpcChannel', 'decorate a method with @RabbitRPC');
  }
  override cancelConsumer(): never {
    return notHere('cancelConsumer', 'a consumer is kept up until the service ends');
  }
  override resumeConsumer(): never {
    return notHere('resumeConsumer', 'a consumer is kept up until the service ends');
  }

  /** Under the caller's correlation id, unless an answer is awaited under the same. */
  private envelopeOf({ correlationId, publishOptions, routingKey }: RequestOptions): Envelope {
    const envelope = newEnvelope(publishOptions?.type ?? routingKey);
    const isFree = correlationId !== undefined && !this.asking.has(correlationId);
    return isFree ? { ...envelope, messageId: correlationId } : envelope;
  }

  private async ask(
    { exchange, routingKey, payload, headers, publishOptions = {} }: RequestOptions,
    envelope: Envelope,
    timeoutMs: number,
  ): Promise<ConsumeMessage> {
    const message: unknown = payload ?? {};
    const said = { ...this.options.defaultPublishOptions, ...publishOptions };
    const given = givenProperties({ ...said, headers: headers as Properties['headers'] });
    const properties = { ...this.typeOf(message), ...given };
    const content = write(message, this.options.serializer);
    const place = { exchange, routingKey };
    const queue = `${exchange}/${routingKey}`;
    return new Promise<ConsumeMessage>((resolve, reject) => {
      const end = this.engine.rpc.open(
        { envelope, queue, place, properties, content },
        {
          timeoutMs,
          failed: reject,
          answered: (_, raw) => {
            end();
            if (raw !== undefined) resolve(raw);
          },
        },
      );
    });
  }

  private async declareOnce(
    exchange: string,
    needs: NonNullable<ReturnType<Places['exchange']>>,
    timeoutMs: number,
  ): Promise<void> {
    const { publishing } = this.engine;
    await until(() => publishing.isUp, timeoutMs);
    const known = this.declared.get(exchange);
    const declaring = known ?? publishing.declare(needs);
    this.declared.set(exchange, declaring);
    declaring.catch(() => this.declared.delete(exchange));
    await declaring;
  }

  /** Lays over the envelope's, which is JSON's. */
  private typeOf(message: unknown): Properties {
    const isJson = this.options.serializer === undefined && !(message instanceof Uint8Array);
    return isJson ? {} : { contentType: undefined };
  }
}

function notHere(name: string, why: string): never {
  throw new WiringError(`AmqpConnection.${name} is not of the runtime: ${why}`);
}

import { randomBytes } from 'node:crypto';
import {
  typeOf,
  type Body,
  type Contract,
  type FanoutContract,
  type Route,
  type TopicContract,
} from '../contract';
import { connect, type Channel, type ChannelModel, type Options } from 'amqplib';
import { v7 } from 'uuid';
import { fanoutType, keysExchange, slotOf } from '../ordered/slots';
import { eventually } from './eventually';
import { replyExchange, type Place } from '../topology/ways';
import { Management, type Permitted } from './management';
import { ask, consume, encode, seen } from './amqp-client';
import type { AskOptions, Listener, Seen } from './amqp-client';

const connectionName = 'test-broker';
/** The broker's statistics are up to 5 s late. */
const listed = { withinMs: 15_000 };

export interface BrokerUrls {
  /** Any virtual host; AMQP_URL, or the broker on this machine, when not given. */
  amqpUrl?: string;
  /** Its management API, with user and password; AMQP_MANAGEMENT_URL, or port 15672 of its host. */
  managementUrl?: string;
}

/** A virtual host of its own, and in it a plain AMQP client without any of libs/messaging. */
export class TestBroker {
  private readonly dead = new Map<string, Seen[]>();
  private readonly users: string[] = [];
  private link?: Promise<ChannelModel>;

  private constructor(
    readonly amqpUrl: string,
    private readonly vhost: string,
    private readonly management: Management,
  ) {}

  /**
   * A fresh virtual host; `close()` drops it with all that is in it.
   * @throws when the broker cannot be reached
   */
  static async create({ amqpUrl, managementUrl }: BrokerUrls = {}): Promise<TestBroker> {
    const { AMQP_URL: givenUrl, AMQP_MANAGEMENT_URL: givenManagement } = process.env;
    const url = new URL(amqpUrl ?? givenUrl ?? 'amqp://guest:guest@127.0.0.1:5672');
    const credentials = `${url.username || 'guest'}:${url.password || 'guest'}`;
    const byDefault = `http://${credentials}@${url.hostname}:15672`;
    const vhost = `test-${randomBytes(6).toString('hex')}`;
    const management = new Management(managementUrl ?? givenManagement ?? byDefault);
    await management.createVhost(vhost, decodeURIComponent(url.username || 'guest'));
    url.pathname = `/${vhost}`;
    return new TestBroker(url.href, vhost, management);
  }

  /** Publishes as a service would. @throws when no queue takes it */
  async publish<C extends Contract>(
    contract: C,
    body: Body<C>,
    { key = '', ...options }: Options.Publish & { key?: string } = {},
  ): Promise<void> {
    const { exchange, routingKey } = placeOf(contract.route, body, key);
    await this.send(exchange, routingKey, encode(body), {
      messageId: v7(),
      type: typeOf(contract),
      timestamp: Math.floor(Date.now() / 1_000),
      contentType: 'application/json',
      ...options,
    });
  }

  /** Anything at all into a queue: a Buffer as it is, everything else as JSON. */
  async sendToQueue(queue: string, content: unknown, options: Options.Publish = {}): Promise<void> {
    await this.send('', queue, encode(content), { messageId: v7(), ...options });
  }

  /** As JSON, by a key. @throws when no queue takes it */
  async sendToExchange(
    exchange: string,
    key: string,
    content: object,
    options: Options.Publish = {},
  ): Promise<void> {
    await this.send(exchange, key, encode(content), { messageId: v7(), ...options });
  }

  /** Hears a fanout or topic contract from now on, beside those that listen to it already. */
  async listen<C extends FanoutContract | TopicContract>(
    contract: C,
    { key = '#' }: { key?: string } = {},
  ): Promise<Listener<Body<C>>> {
    const { route } = contract;
    const { exchange } = route;
    const type = route.kind === 'fanout' ? fanoutType(route) : route.kind;
    const channel = await this.channel();
    await channel.assertExchange(exchange, type, { durable: true });
    const { queue } = await channel.assertQueue('', { exclusive: true });
    await channel.bindQueue(queue, exchange, type === 'topic' ? key : '');
    return consume<Body<C>>(channel, queue);
  }

  /** Takes the messages of an existing queue, competing with its other consumers. */
  async takeFrom<B = unknown>(queue: string): Promise<Listener<B>> {
    return consume<B>(await this.channel(), queue);
  }

  /** Asks as a client in any language would: with direct reply-to, or into a queue of its own. */
  async ask(queue: string, content: unknown, options: AskOptions = {}): Promise<Seen> {
    // Services in strict mode answer by this exchange alone.
    const isStrict = await this.onScratch((channel) => channel.checkExchange(replyExchange)).then(
      () => true,
      () => false,
    );
    const strict = isStrict ? { ownQueue: true, answersBy: replyExchange } : {};
    return this.onScratch((channel) => ask(channel, queue, content, { ...options, ...strict }));
  }

  /** How many messages wait in a queue; those being handled are not among them. */
  async depth(queue: string): Promise<number> {
    return this.onScratch(async (channel) => (await channel.checkQueue(queue)).messageCount);
  }

  /** Every dead letter of a queue so far, oldest first: taken out of its queue, and remembered. */
  async deadLetters(queue: string): Promise<Seen[]> {
    const deadLetters = this.dead.get(queue) ?? [];
    this.dead.set(queue, deadLetters);
    await this.onScratch(async (channel) => {
      for (;;) {
        const message = await channel.get(`${queue}.dead`);
        if (message === false) return;
        deadLetters.push(seen(message));
        channel.ack(message);
      }
    }).catch(unlessMissing);
    return deadLetters;
  }

  /** The dead letters of every queue, by the queue's name; queues without any are left out. */
  async allDeadLetters(): Promise<Record<string, Seen[]>> {
    const found: Record<string, Seen[]> = {};
    for (const name of await this.management.queues(this.vhost)) {
      if (!name.endsWith('.dead')) continue;
      const queue = name.slice(0, -'.dead'.length);
      const deadLetters = await this.deadLetters(queue);
      if (deadLetters.length > 0) found[queue] = deadLetters;
    }
    return found;
  }

  /** The broker closes every connection here but the test's own, at least one. @returns how many */
  async closeConnections(): Promise<number> {
    const others = await eventually(async () => {
      const names = await this.management.connectionNames(this.vhost);
      const all = await this.management.connections(this.vhost);
      const late = names.filter((name) => !all.some((one) => one.name === name));
      if (late.length > 0) throw new Error(`the broker does not list ${late.join(', ')} yet`);
      const found = all.filter(
        ({ name, clientName }) => names.includes(name) && clientName !== connectionName,
      );
      if (found.length === 0) throw new Error(`the broker lists no connection in ${this.vhost}`);
      return found;
    }, listed);
    await Promise.all(others.map(({ name }) => this.management.closeConnection(name)));
    return others.length;
  }

  /** The broker cancels the queue's consumers. */
  async deleteQueue(queue: string): Promise<void> {
    await this.onScratch((channel) => channel.deleteQueue(queue));
  }

  async deleteExchange(exchange: string): Promise<void> {
    await this.onScratch((channel) => channel.deleteExchange(exchange));
  }

  /** @throws when it is there and of another type */
  async declareExchange(exchange: string, type: 'topic' | 'fanout' | 'direct'): Promise<void> {
    await this.onScratch((channel) => channel.assertExchange(exchange, type));
  }

  /** @throws when it is there with other arguments */
  async declareQueue(queue: string, args: Record<string, unknown> = {}): Promise<void> {
    await this.onScratch((channel) => channel.assertQueue(queue, { arguments: args }));
  }

  /** @returns where a user with these permissions connects */
  async userWith(permissions: Permitted): Promise<string> {
    const name = `${this.vhost}-${this.users.length}`;
    this.users.push(name);
    await this.management.createUser(name, 'secret');
    const url = new URL(this.amqpUrl);
    [url.username, url.password] = [name, 'secret'];
    await this.permit(url.href, permissions);
    return url.href;
  }

  /** From now on; a channel that is open may remember what was allowed to it. */
  async permit(amqpUrl: string, permissions: Permitted): Promise<void> {
    await this.management.permit(this.vhost, new URL(amqpUrl).username, permissions);
  }

  async bindQueue(queue: string, exchange: string, key: string): Promise<void> {
    await this.onScratch((channel) => channel.bindQueue(queue, exchange, key));
  }

  /** Only the binding with these very arguments. */
  async unbindQueue(queue: string, exchange: string, key: string, args = {}): Promise<void> {
    await this.onScratch((channel) => channel.unbindQueue(queue, exchange, key, args));
  }

  /** A policy for the queues whose names match: `{ 'max-length': 2 }`. */
  async limitQueues(pattern: string, definition: Record<string, unknown>): Promise<void> {
    await this.management.setPolicy(this.vhost, pattern, definition);
  }

  async unlimitQueues(): Promise<void> {
    await this.management.dropPolicy(this.vhost);
  }

  async close(): Promise<void> {
    const link = await this.link?.catch(() => undefined);
    await link?.close().catch(() => undefined);
    await this.management.dropVhost(this.vhost);
    await Promise.all(this.users.map((user) => this.management.dropUser(user)));
  }

  private async send(
    exchange: string,
    key: string,
    content: Buffer,
    options: Options.Publish,
  ): Promise<void> {
    const channel = await (await this.connection()).createConfirmChannel();
    channel.on('error', () => undefined);
    let returned = false;
    channel.on('return', () => (returned = true));
    channel.publish(exchange, key, content, { persistent: true, mandatory: true, ...options });
    await channel.waitForConfirms();
    await channel.close();
    if (returned) throw new Error(`no queue takes what goes to ${exchange || 'queue'} ${key}`);
  }

  /** A channel that lives as long as the broker's connection. */
  private async channel(): Promise<Channel> {
    const channel = await (await this.connection()).createChannel();
    channel.on('error', () => undefined);
    return channel;
  }

  /** A channel for one thing, so that an error of that thing closes nothing else. */
  private async onScratch<T>(work: (channel: Channel) => Promise<T>): Promise<T> {
    const channel = await this.channel();
    try {
      return await work(channel);
    } finally {
      // A channel that the broker has closed cannot be closed again.
      await channel.close().catch(() => undefined);
    }
  }

  // Connects at first use, and again after the connection was lost.
  private connection(): Promise<ChannelModel> {
    this.link ??= this.connect().catch((error: unknown) => {
      this.link = undefined;
      throw error;
    });
    return this.link;
  }

  private async connect(): Promise<ChannelModel> {
    const link = await connect(this.amqpUrl, {
      noDelay: true,
      timeout: 5_000,
      clientProperties: { connection_name: connectionName },
    });
    link.on('error', () => undefined);
    link.on('close', () => (this.link = undefined));
    return link;
  }
}

function placeOf(route: Route, body: object, key: string): Place {
  const field = 'key' in route ? route.key : undefined;
  const value = field !== undefined && String((body as Record<string, unknown>)[field]);
  const slot = value && slotOf(value);
  if ('exchange' in route) return { exchange: route.exchange, routingKey: slot || key };
  if (slot) return { exchange: keysExchange(route.queue), routingKey: slot };
  return { exchange: '', routingKey: route.queue };
}

function unlessMissing(error: unknown): void {
  const { code } = error as { code?: number };
  if (code !== 404) throw error;
}

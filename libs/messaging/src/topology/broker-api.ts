import { type Agent, fetch } from 'undici';
import { unescape } from 'node:querystring';
import { virtualHostOf } from '../connection/nodes';
import { sleep } from '../time';
import { caFileOf, managementDispatcher } from './management-dispatcher';
import type { Found } from './differences';
import type { Permissions, TopicPermission } from './permissions';
import type { QueueArguments } from './topology';

/** What a broker reports of itself. */
export interface BrokerFacts {
  version: string;
  /** Missing where it shows them to administrators alone. */
  flags?: { name: string; state: string; stability: string }[];
  /** What the broker means to give up; `denied`: it has already. */
  deprecated: { name: string; state: string }[];
  /** Names of deprecated features that are in use, in any virtual host. */
  inUse: string[];
  found: Found;
  /** Channels of this virtual host that have set a global prefetch. */
  globalPrefetches: number;
}

/** A user as the broker knows it. */
interface FoundUser {
  /** A text with commas before 3.9, and of a list since. */
  tags: string | string[];
  password_hash?: string;
  hashing_algorithm?: string;
}

/** The API knows its user not, or does not let it do this. */
export class ApiDenied extends Error {
  constructor(
    readonly user: string,
    message: string,
  ) {
    super(message);
  }
}

const denials = new Set([401, 403]);

function unlessDenied(error: unknown): undefined {
  if (!(error instanceof ApiDenied)) throw error;
}

const timeoutMs = 15_000;
const triesMax = 5;
const tryAgainMs = 200;

/** The management API of one virtual host. */
export class BrokerApi {
  private readonly base: string;
  private readonly username: string;
  private readonly authorization: string;
  private readonly vhostName: string;
  private readonly vhost: string;
  private readonly limitPath: string;
  private readonly dispatcher?: Agent;
  private readonly caFile?: string;

  /**
   * @param managementUrl with user and password: `http://guest:guest@127.0.0.1:15672`
   * @param amqpUrl its path names the virtual host, its parameters the CA if this is by https
   */
  constructor(managementUrl: string, amqpUrl: string) {
    const { origin, username, password } = new URL(managementUrl);
    this.username = unescape(username);
    const credentials = `${this.username}:${unescape(password)}`;
    this.base = `${origin}/api`;
    this.authorization = `Basic ${Buffer.from(credentials).toString('base64')}`;
    this.vhostName = virtualHostOf(amqpUrl);
    this.vhost = encodeURIComponent(this.vhostName);
    this.dispatcher = managementDispatcher(managementUrl, amqpUrl);
    this.caFile = caFileOf(managementUrl, amqpUrl);
    this.limitPath = `/vhost-limits/${this.vhost}/max-connections`;
  }

  async found(): Promise<Found> {
    type Row = { name: string; durable: boolean; arguments: QueueArguments };
    type Exchange = Row & { type: string };
    type Queue = Row & {
      exclusive?: boolean;
      auto_delete: boolean;
      effective_policy_definition?: QueueArguments;
      messages?: number;
    };
    type Binding = Record<'source' | 'destination' | 'destination_type' | 'routing_key', string>;
    const [exchanges, queues, bindings] = await Promise.all([
      this.get<Exchange[]>(`/exchanges/${this.vhost}`),
      this.get<Queue[]>(`/queues/${this.vhost}`),
      this.get<Binding[]>(`/bindings/${this.vhost}`),
    ]);
    return {
      exchanges: exchanges
        .filter(({ name }) => name !== '' && !name.startsWith('amq.'))
        .map(({ name, type, durable, arguments: args }) => {
          const alternate = args['alternate-exchange'] as string | undefined;
          return { name, type, durable, alternate };
        }),
      queues: queues.map((row) => ({
        name: row.name,
        durable: row.durable,
        exclusive: row.exclusive ?? false,
        autoDelete: row.auto_delete,
        args: row.arguments,
        policy: row.effective_policy_definition ?? {},
        messages: row.messages ?? 0,
      })),
      bindings: bindings
        .filter((one) => one.source !== '' && one.destination_type === 'queue')
        .map(({ source: exchange, destination: queue, routing_key: key }) => {
          return { exchange, queue, key };
        }),
    };
  }

  async version(): Promise<string> {
    return (await this.get<{ rabbitmq_version: string }>('/overview')).rabbitmq_version;
  }

  /** How many nodes can keep a queue that is declared now. */
  async runningNodes(): Promise<number> {
    const nodes = await this.get<{ running: boolean }[]>('/nodes?columns=running');
    return nodes.filter(({ running }) => running).length;
  }

  async facts(): Promise<BrokerFacts> {
    type Channel = { global_prefetch_count?: number };
    type Features = BrokerFacts['deprecated'] | undefined;
    const [version, flags, deprecated, used, channels, found] = await Promise.all([
      this.version(),
      this.get<BrokerFacts['flags']>('/feature-flags').catch(unlessDenied),
      // Missing where the broker is too old to say (3.12 and before).
      this.get<Features>('/deprecated-features', true),
      this.get<Features>('/deprecated-features/used', true),
      this.get<Channel[]>(`/vhosts/${this.vhost}/channels`),
      this.found(),
    ]);
    return {
      version,
      flags,
      deprecated: deprecated ?? [],
      inUse: (used ?? []).map(({ name }) => name),
      found,
      globalPrefetches: channels.filter((one) => (one.global_prefetch_count ?? 0) > 0).length,
    };
  }

  /**
   * The connections of this virtual host as the broker's statistics have them: up to 5 s late.
   * Only those can be closed. `clientName` is what the client calls itself.
   */
  async connections() {
    type Row = { name?: string; user?: string; client_properties?: { connection_name?: string } };
    const rows = await this.get<Row[]>(`/vhosts/${this.vhost}/connections`);
    return rows.flatMap(({ name, user, client_properties: client }) =>
      name === undefined || user === undefined
        ? []
        : [{ name, user, clientName: client?.connection_name }],
    );
  }

  /** The names of all connections of this virtual host, as of now. */
  async connectionNames(): Promise<string[]> {
    type Row = { name: string; vhost: string };
    const [users, listed] = await Promise.all([
      this.get<{ name: string }[]>('/users'),
      this.connections(),
    ]);
    // Users of an outside directory are known by a connection that they have.
    const names = new Set([...users.map(({ name }) => name), ...listed.map(({ user }) => user)]);
    const ofUser = (name: string) =>
      this.get<Row[]>(`/connections/username/${encodeURIComponent(name)}`);
    const rows = await Promise.all([...names].map(ofUser));
    return rows.flat().flatMap((row) => (row.vhost === this.vhostName ? [row.name] : []));
  }

  async closeConnection(name: string): Promise<void> {
    await this.call('DELETE', `/connections/${encodeURIComponent(name)}`);
  }

  /** How many connections this virtual host may have; undefined for any number. */
  async connectionsMax(): Promise<number | undefined> {
    type Row = { value: { 'max-connections'?: number } };
    const rows = await this.get<Row[]>(`/vhost-limits/${this.vhost}`);
    return rows[0]?.value['max-connections'];
  }

  async limitConnections(value: number | undefined): Promise<void> {
    if (value === undefined) await this.call('DELETE', this.limitPath);
    else await this.call('PUT', this.limitPath, { value });
  }

  /** Whether its own user may make others. */
  async isAdministrator(): Promise<boolean> {
    const { tags } = await this.get<{ tags: string | string[] }>('/whoami');
    return [tags].flat().join(',').split(',').includes('administrator');
  }

  /** Undefined when there is none. */
  async user(name: string): Promise<FoundUser | undefined> {
    return this.get(`/users/${encodeURIComponent(name)}`, true);
  }

  /** Makes it, or gives it this password and these tags. */
  async putUser(name: string, user: { password: string; tags: string }): Promise<void> {
    await this.call('PUT', `/users/${encodeURIComponent(name)}`, user);
  }

  /** Ends its connections. */
  async dropUser(name: string): Promise<void> {
    await this.call('DELETE', `/users/${encodeURIComponent(name)}`);
  }

  /** What it may do in this virtual host; undefined for nothing. */
  async permissionsOf(name: string): Promise<Omit<Permissions, 'topics'> | undefined> {
    return this.get(`/permissions/${this.inVhost(name)}`, true);
  }

  async permit(name: string, { configure, write, read }: Permissions): Promise<void> {
    await this.call('PUT', `/permissions/${this.inVhost(name)}`, { configure, write, read });
  }

  async topicsOf(name: string): Promise<TopicPermission[]> {
    const path = `/topic-permissions/${this.inVhost(name)}`;
    return (await this.get<TopicPermission[] | undefined>(path, true)) ?? [];
  }

  async permitTopic(name: string, { exchange, write, read }: TopicPermission): Promise<void> {
    const path = `/topic-permissions/${this.inVhost(name)}`;
    await this.call('PUT', path, { exchange, write, read });
  }

  /** The request that lifts the limit, for a process that has only this to do. */
  get liftingLimit(): { url: string; authorization: string; caFile?: string } {
    const { authorization, caFile } = this;
    return { url: `${this.base}${this.limitPath}`, authorization, caFile };
  }

  private inVhost(user: string): string {
    return `${this.vhost}/${encodeURIComponent(user)}`;
  }

  private async get<T>(path: string, maybeMissing = false): Promise<T> {
    return (await this.call('GET', path, undefined, maybeMissing)) as T;
  }

  private async call(
    method: string,
    path: string,
    body?: object,
    // What is to be deleted may be gone already.
    maybeMissing = method === 'DELETE',
  ): Promise<unknown> {
    const request = () =>
      fetch(`${this.base}${path}`, {
        method,
        headers: { authorization: this.authorization, 'content-type': 'application/json' },
        body: body && JSON.stringify(body),
        signal: AbortSignal.timeout(timeoutMs),
        dispatcher: this.dispatcher,
      });
    let response = await request();
    // While connections come and go the API fails now and then. All of it may be asked twice.
    for (let left = triesMax - 1; left > 0 && response.status >= 500; left -= 1) {
      await sleep(tryAgainMs);
      response = await request();
    }
    const text = await response.text();
    if (maybeMissing && response.status === 404) return undefined;
    if (!response.ok) {
      const answer = `${response.status} ${text.slice(0, 300)}`;
      const message = `${method} ${this.base}${path}: ${answer}`;
      throw denials.has(response.status)
        ? new ApiDenied(this.username, message)
        : new Error(message);
    }
    return text === '' ? undefined : JSON.parse(text);
  }
}

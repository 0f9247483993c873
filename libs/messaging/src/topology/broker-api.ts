import { sleep } from '../time';
import type { Found, FoundExchange, FoundQueue } from './differences';
import type { QueueArguments } from './topology';

export interface FeatureFlag {
  name: string;
  state: string;
  stability: string;
}

/** What the broker means to give up; `denied`: it has already. */
export interface DeprecatedFeature {
  name: string;
  state: string;
}

export interface Connection {
  name: string;
  user: string;
  /** What the client calls itself. */
  clientName?: string;
}

interface QueueRow {
  name: string;
  durable: boolean;
  exclusive?: boolean;
  auto_delete: boolean;
  arguments: QueueArguments;
  effective_policy_definition?: QueueArguments;
  messages?: number;
}

const timeoutMs = 15_000;
const triesMax = 5;
const tryAgainMs = 200;

/** The management API of one virtual host. */
export class BrokerApi {
  private readonly base: string;
  private readonly authorization: string;
  private readonly vhostName: string;
  private readonly vhost: string;

  /**
   * @param managementUrl with user and password: `http://guest:guest@127.0.0.1:15672`
   * @param amqpUrl its path names the virtual host
   */
  constructor(managementUrl: string, amqpUrl: string) {
    const { origin, username, password } = new URL(managementUrl);
    const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    this.base = `${origin}/api`;
    this.authorization = `Basic ${Buffer.from(credentials).toString('base64')}`;
    // As amqplib has it: no path is the virtual host `/`.
    const path = decodeURIComponent(new URL(amqpUrl).pathname.slice(1));
    this.vhostName = path === '' ? '/' : path;
    this.vhost = encodeURIComponent(this.vhostName);
  }

  async found(): Promise<Found> {
    type Row = Omit<FoundExchange, 'alternate'> & { arguments: QueueArguments };
    type Binding = {
      source: string;
      destination: string;
      destination_type: string;
      routing_key: string;
    };
    const [exchanges, queues, bindings] = await Promise.all([
      this.get<Row[]>(`/exchanges/${this.vhost}`),
      this.get<QueueRow[]>(`/queues/${this.vhost}`),
      this.get<Binding[]>(`/bindings/${this.vhost}`),
    ]);
    return {
      exchanges: exchanges
        .filter(({ name }) => name !== '' && !name.startsWith('amq.'))
        .map(({ name, type, durable, arguments: args }) => {
          const alternate = args['alternate-exchange'] as string | undefined;
          return { name, type, durable, alternate };
        }),
      queues: queues.map(foundQueue),
      bindings: bindings
        .filter((one) => one.source !== '' && one.destination_type === 'queue')
        .map(({ source, destination, routing_key: key }) => ({
          exchange: source,
          queue: destination,
          key,
        })),
    };
  }

  async version(): Promise<string> {
    return (await this.get<{ rabbitmq_version: string }>('/overview')).rabbitmq_version;
  }

  async featureFlags(): Promise<FeatureFlag[]> {
    return this.get<FeatureFlag[]>('/feature-flags');
  }

  /** None where the broker is too old to say (3.12 and before). */
  async deprecatedFeatures(): Promise<DeprecatedFeature[]> {
    return (await this.get<DeprecatedFeature[] | undefined>('/deprecated-features', true)) ?? [];
  }

  /** The names of those that are in use, in any virtual host. */
  async deprecatedFeaturesInUse(): Promise<string[]> {
    type Rows = DeprecatedFeature[] | undefined;
    const rows = await this.get<Rows>('/deprecated-features/used', true);
    return (rows ?? []).map(({ name }) => name);
  }

  /** How many channels of this virtual host have set a global prefetch. */
  async globalPrefetches(): Promise<number> {
    type Row = { global_prefetch_count?: number };
    const rows = await this.get<Row[]>(`/vhosts/${this.vhost}/channels`);
    return rows.filter((row) => (row.global_prefetch_count ?? 0) > 0).length;
  }

  /**
   * The connections of this virtual host as the broker's statistics have them: up to 5 s late.
   * Only those can be closed.
   */
  async connections(): Promise<Connection[]> {
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
    const path = `/vhost-limits/${this.vhost}/max-connections`;
    if (value === undefined) await this.call('DELETE', path);
    else await this.call('PUT', path, { value });
  }

  /** The request that lifts the limit, for a process that has only this to do. */
  get liftingLimit(): { url: string; authorization: string } {
    const url = `${this.base}/vhost-limits/${this.vhost}/max-connections`;
    return { url, authorization: this.authorization };
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
    let response = await this.request(method, path, body);
    // While connections come and go the API fails now and then. All of it may be asked twice.
    for (let left = triesMax - 1; left > 0 && response.status >= 500; left -= 1) {
      await sleep(tryAgainMs);
      response = await this.request(method, path, body);
    }
    const text = await response.text();
    if (maybeMissing && response.status === 404) return undefined;
    if (!response.ok) {
      throw new Error(`${method} ${this.base}${path}: ${response.status} ${text.slice(0, 300)}`);
    }
    return text === '' ? undefined : JSON.parse(text);
  }

  private async request(method: string, path: string, body?: object): Promise<Response> {
    return fetch(`${this.base}${path}`, {
      method,
      headers: { authorization: this.authorization, 'content-type': 'application/json' },
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(timeoutMs),
    });
  }
}

function foundQueue(row: QueueRow): FoundQueue {
  return {
    name: row.name,
    durable: row.durable,
    exclusive: row.exclusive ?? false,
    autoDelete: row.auto_delete,
    args: row.arguments,
    policy: row.effective_policy_definition ?? {},
    messages: row.messages ?? 0,
  };
}

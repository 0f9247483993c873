import { setTimeout as delay } from 'node:timers/promises';
import { fetch } from 'undici';
import type { Broker } from '../../dev/local/types';

/** The broker counts what a channel has published every five seconds. */
const countedWithinMs = 6_000;

/** A virtual host of a system's own, so that no two systems share a queue or a count. */
export class VirtualHost {
  readonly url: string;
  private readonly api: string;
  private readonly headers: Record<string, string>;

  private constructor(
    broker: Broker,
    private readonly name: string,
  ) {
    const { origin, username, password } = new URL(broker.managementUrl);
    this.url = `${broker.url}/${name}`;
    this.api = `${origin}/api`;
    const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    // The broker closes an idle connection after 5 s, which may be when the next call begins.
    this.headers = { authorization, 'content-type': 'application/json', connection: 'close' };
  }

  static async create(broker: Broker, name: string): Promise<VirtualHost> {
    const host = new VirtualHost(broker, name);
    const { username } = new URL(broker.url);
    await host.call('PUT', `/vhosts/${name}`, {});
    const all = { configure: '.*', write: '.*', read: '.*' };
    await host.call('PUT', `/permissions/${name}/${username}`, all);
    return host;
  }

  /** What went through it so far, once the broker has counted it all. */
  async counted(): Promise<{ published: number; networkKiB: number }> {
    await delay(countedWithinMs);
    const found = (await this.call('GET', `/vhosts/${this.name}`)) as {
      message_stats?: { publish?: number };
      recv_oct?: number;
      send_oct?: number;
    };
    const { message_stats: messages, recv_oct: received = 0, send_oct: sent = 0 } = found;
    return { published: messages?.publish ?? 0, networkKiB: (received + sent) / 1_024 };
  }

  /** Messages that wait in a queue or are being handled. */
  async depth(queue: string): Promise<number> {
    const found = await this.call('GET', `/queues/${this.name}/${encodeURIComponent(queue)}`);
    return (found as { messages?: number }).messages ?? 0;
  }

  /** The same of each queue, by its name. */
  async depths(): Promise<Map<string, number>> {
    const found = await this.call('GET', `/queues/${this.name}?columns=name,messages`);
    const queues = found as { name: string; messages?: number }[];
    return new Map(queues.map(({ name, messages = 0 }) => [name, messages]));
  }

  async drop(): Promise<void> {
    await this.call('DELETE', `/vhosts/${this.name}`);
  }

  private async call(method: string, path: string, body?: object): Promise<unknown> {
    const response = await fetch(`${this.api}${path}`, {
      method,
      headers: this.headers,
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(15_000),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }
}

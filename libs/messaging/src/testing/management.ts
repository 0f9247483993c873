import type { Permissions } from '../topology/permissions';
import { fetch } from 'undici';

/** Without topics it may tell them by any key. */
export type Permitted = Omit<Permissions, 'topics'> & Partial<Permissions>;

const answerMs = 15_000;

/** The broker's management API, as far as tests need it. */
export class Management {
  private readonly base: string;
  private readonly authorization: string;

  /** @param url with user and password: `http://guest:guest@127.0.0.1:15672` */
  constructor(url: string) {
    const { origin, username, password } = new URL(url);
    const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    this.base = `${origin}/api`;
    this.authorization = `Basic ${Buffer.from(credentials).toString('base64')}`;
  }

  /** A virtual host in which `user` may do everything. */
  async createVhost(vhost: string, user: string): Promise<void> {
    await this.call('PUT', `/vhosts/${encodeURIComponent(vhost)}`, {});
    await this.permit(vhost, user, { configure: '.*', write: '.*', read: '.*' });
  }

  async dropVhost(vhost: string): Promise<void> {
    await this.call('DELETE', `/vhosts/${encodeURIComponent(vhost)}`);
  }

  /** As the broker's statistics have them, up to 5 s late: only those can be closed. */
  async connections(vhost: string): Promise<{ name: string; clientName?: string }[]> {
    type Row = { name?: string; client_properties?: { connection_name?: string } };
    const rows = await this.call('GET', `/vhosts/${encodeURIComponent(vhost)}/connections`);
    return (rows as Row[]).flatMap(({ name, client_properties: client }) =>
      name ? [{ name, clientName: client?.connection_name }] : [],
    );
  }

  /** The names of all connections as of now: the broker has that list by user alone. */
  async connectionNames(vhost: string): Promise<string[]> {
    const permitted = await this.call('GET', `/vhosts/${encodeURIComponent(vhost)}/permissions`);
    const rows = (permitted as { user: string }[]).map(({ user }) =>
      this.call('GET', `/connections/username/${encodeURIComponent(user)}`),
    );
    return ((await Promise.all(rows)).flat() as { name: string; vhost: string }[])
      .filter((row) => row.vhost === vhost)
      .map(({ name }) => name);
  }

  async closeConnection(name: string): Promise<void> {
    await this.call('DELETE', `/connections/${encodeURIComponent(name)}`);
  }

  async queues(vhost: string): Promise<string[]> {
    const rows = await this.call('GET', `/queues/${encodeURIComponent(vhost)}?columns=name`);
    return (rows as { name: string }[]).map(({ name }) => name);
  }

  async createUser(user: string, password: string): Promise<void> {
    await this.call('PUT', `/users/${encodeURIComponent(user)}`, { password, tags: '' });
  }

  async permit(vhost: string, user: string, permitted: Permitted): Promise<void> {
    const path = `${encodeURIComponent(vhost)}/${encodeURIComponent(user)}`;
    const { topics = [], ...permissions } = permitted;
    await this.call('PUT', `/permissions/${path}`, permissions);
    for (const topic of topics) await this.call('PUT', `/topic-permissions/${path}`, topic);
  }

  async dropUser(user: string): Promise<void> {
    await this.call('DELETE', `/users/${encodeURIComponent(user)}`);
  }

  /** The one policy of a virtual host that tests make. */
  async setPolicy(vhost: string, pattern: string, definition: object): Promise<void> {
    const policy = { pattern, definition, 'apply-to': 'queues' };
    await this.call('PUT', `/policies/${encodeURIComponent(vhost)}/test`, policy);
  }

  async dropPolicy(vhost: string): Promise<void> {
    await this.call('DELETE', `/policies/${encodeURIComponent(vhost)}/test`);
  }

  private async call(method: string, path: string, body?: object): Promise<unknown> {
    const asked = this.ask(method, path, body);
    const { status, ok, text } = await asked.catch((cause: unknown) => {
      throw new Error(`${method} ${path}: ${String(cause)}`, { cause });
    });
    // What is to be deleted may be gone already.
    if (method === 'DELETE' && status === 404) return undefined;
    if (!ok) throw new Error(`${method} ${path}: ${status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }

  private async ask(method: string, path: string, body?: object) {
    const response = await fetch(`${this.base}${path}`, {
      method,
      headers: {
        authorization: this.authorization,
        'content-type': 'application/json',
        // The broker closes an idle connection after 5 s; a busy process finds out when it asks.
        connection: 'close',
      },
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(answerMs),
    });
    const { status, ok } = response;
    return { status, ok, text: await response.text() };
  }
}

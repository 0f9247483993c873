/** A virtual host of one's own, so that names of queues are free; made by the management API. */
export interface VirtualHost {
  amqpUrl: string;
  drop(): Promise<void>;
}

export async function createVirtualHost(
  { url, managementUrl }: { url: string; managementUrl: string },
  name: string,
): Promise<VirtualHost> {
  const user = decodeURIComponent(new URL(managementUrl).username);
  const all = { configure: '.*', write: '.*', read: '.*' };
  await call(managementUrl, 'PUT', `vhosts/${name}`);
  await call(managementUrl, 'PUT', `permissions/${name}/${user}`, all);
  const amqpUrl = new URL(url);
  amqpUrl.pathname = `/${name}`;
  return {
    amqpUrl: amqpUrl.href,
    drop: () => call(managementUrl, 'DELETE', `vhosts/${name}`),
  };
}

async function call(base: string, method: string, path: string, body = {}): Promise<void> {
  const { username, password, origin } = new URL(base);
  const token = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const response = await fetch(`${origin}/api/${path}`, {
    method,
    headers: {
      authorization: `Basic ${Buffer.from(token).toString('base64')}`,
      'content-type': 'application/json',
      // A broker that is to stop waits five seconds for connections kept alive.
      connection: 'close',
    },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status}`);
}

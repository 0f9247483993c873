import { connect, createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

/** TCP links that can be cut, or fall silent: nothing is forwarded any more, nothing closed. */
export class Proxy {
  private readonly links = new Set<[Socket, Socket]>();

  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  static async open(targetPort: number): Promise<Proxy> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const proxy = new Proxy(server, (server.address() as AddressInfo).port);
    server.on('connection', (client) => proxy.link(client, connect(targetPort, '127.0.0.1')));
    return proxy;
  }

  /** @returns how many links there were */
  cut(): number {
    const count = this.links.size;
    for (const link of this.links) for (const socket of link) socket.destroy();
    return count;
  }

  /** The links of now go silent; new ones work. @returns how many */
  silence(): number {
    for (const [client, upstream] of this.links) {
      client.unpipe(upstream).pause();
      upstream.unpipe(client).pause();
    }
    return this.links.size;
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private link(client: Socket, upstream: Socket): void {
    const pair: [Socket, Socket] = [client, upstream];
    this.links.add(pair);
    for (const socket of pair) {
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.links.delete(pair);
        client.destroy();
        upstream.destroy();
      });
    }
    client.pipe(upstream).pipe(client);
  }
}

import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A wire between a client and a server that can fall silent unbroken, as a frozen server does. */
export class TcpTap {
  private frozen = false;
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    /** For the client that is tapped. */
    readonly url: string,
  ) {}

  /** @param serverUrl the server that the client shall reach, with its port */
  static async open(serverUrl: string): Promise<TcpTap> {
    const url = new URL(serverUrl);
    const { hostname, port } = url;
    const server = createServer((client) => tap.serve(client, hostname, Number(port)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url.hostname = '127.0.0.1';
    url.port = String((server.address() as AddressInfo).port);
    const tap = new TcpTap(server, url.href);
    return tap;
  }

  /** Nothing passes, either way; new connections are taken and hear nothing. */
  freeze(): void {
    this.frozen = true;
    for (const socket of this.sockets) socket.pause();
  }

  /** All goes on, with what was said meanwhile. */
  thaw(): void {
    this.frozen = false;
    for (const socket of this.sockets) socket.resume();
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private serve(client: Socket, host: string, port: number): void {
    const server = connect({ host, port, noDelay: true });
    client.setNoDelay(true);
    this.pass(client, server);
    this.pass(server, client);
  }

  private pass(from: Socket, to: Socket): void {
    this.sockets.add(from);
    from.on('data', (data) => to.write(data));
    if (this.frozen) from.pause();
    const end = () => {
      this.sockets.delete(from);
      to.destroy();
    };
    from.on('error', end).on('close', end);
  }
}

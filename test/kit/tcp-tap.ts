import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

interface Wire {
  client: Socket;
  server: Socket;
}

/** Wires between clients and a server that can be cut, or fall silent without being cut. */
export class TcpTap {
  private frozen = false;
  private severed = false;
  private readonly wires = new Set<Wire>();

  private constructor(
    private readonly listener: Server,
    /** For the clients that are tapped. */
    readonly url: string,
  ) {}

  /** @param serverUrl the server that the clients shall reach, with its port */
  static async open(serverUrl: string): Promise<TcpTap> {
    const url = new URL(serverUrl);
    const { hostname, port } = url;
    const listener = createServer((client) => {
      if (tap.severed) return void client.destroy();
      tap.serve({ client, server: connect({ host: hostname, port: Number(port) }) });
    });
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    url.hostname = '127.0.0.1';
    url.port = String((listener.address() as AddressInfo).port);
    const tap = new TcpTap(listener, url.href);
    return tap;
  }

  /** @returns how many wires there were */
  cut(): number {
    const count = this.wires.size;
    for (const { client, server } of this.wires) for (const end of [client, server]) end.destroy();
    return count;
  }

  /** Every wire is cut, and new ones at once, until `mend`. */
  sever(): void {
    this.severed = true;
    this.cut();
  }

  mend(): void {
    this.severed = false;
  }

  /** Nothing passes on the wires of now, either way; new ones work. @returns how many there are */
  silence(): number {
    for (const { client, server } of this.wires) {
      client.unpipe(server).pause();
      server.unpipe(client).pause();
    }
    return this.wires.size;
  }

  /** Nothing passes; new connections are taken and hear nothing. */
  freeze(): void {
    this.frozen = true;
    this.silence();
  }

  /** All goes on, with what was said meanwhile. */
  thaw(): void {
    this.frozen = false;
    for (const { client, server } of this.wires) client.pipe(server).pipe(client);
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.listener.close(resolve));
    this.cut();
    await closed;
  }

  private serve(wire: Wire): void {
    const { client, server } = wire;
    this.wires.add(wire);
    for (const end of [client, server]) {
      end.setNoDelay(true);
      end.on('error', () => undefined);
      end.on('close', () => {
        this.wires.delete(wire);
        client.destroy();
        server.destroy();
      });
    }
    if (!this.frozen) client.pipe(server).pipe(client);
  }
}

import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface Wire {
  client: Socket;
  server: Socket;
}

/** Wires between clients and a server that can be cut, or fall silent without being cut. */
export class TcpTap {
  /** How many wires clients have asked for. */
  opened = 0;
  protected frozen = false;
  protected readonly wires = new Set<Wire>();
  private severed = false;
  private readonly listener = createServer((client) => this.accept(client));

  constructor(private target: URL) {}

  /** @param serverUrl the server that the clients shall reach, with its port */
  static async open<T extends TcpTap>(this: new (target: URL) => T, serverUrl: string): Promise<T> {
    const tap = new this(new URL(serverUrl));
    tap.listener.listen(0, '127.0.0.1');
    await once(tap.listener, 'listening');
    return tap;
  }

  get url(): string {
    const url = new URL(this.target);
    url.hostname = '127.0.0.1';
    url.port = String((this.listener.address() as AddressInfo).port);
    return url.href;
  }

  /** From now on it leads there: wires to where it led before are cut. */
  lead(serverUrl: string): void {
    const target = new URL(serverUrl);
    if (target.host === this.target.host) return;
    this.target = target;
    this.cut();
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

  /** All goes on, with what was sent meanwhile. */
  thaw(): void {
    this.frozen = false;
    for (const { client, server } of this.wires) client.pipe(server).pipe(client);
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.listener.close(resolve));
    this.cut();
    await closed;
  }

  protected pass({ client, server }: Wire): void {
    if (!this.frozen) client.pipe(server).pipe(client);
  }

  private accept(client: Socket): void {
    this.opened += 1;
    if (this.severed) return void client.destroy();
    const { hostname: host, port, protocol } = this.target;
    const usual = protocol === 'amqp:' ? 5672 : 5432;
    const wire = { client, server: connect({ host, port: Number(port || usual) }) };
    this.wires.add(wire);
    for (const end of [wire.client, wire.server]) {
      end.setNoDelay(true);
      end.on('error', () => undefined);
      end.on('close', () => {
        this.wires.delete(wire);
        wire.client.destroy();
        wire.server.destroy();
      });
    }
    this.pass(wire);
  }
}

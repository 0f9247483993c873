import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** Requests and answers of Erlang's port mapper, as its distribution protocol has them. */
const alive = 120;
const aliveAnswer = 118;
const portPlease = 122;
const portAnswer = 119;
const names = 110;

const localhost = '127.0.0.1';

/**
 * Where a node of a cluster asks for the ports of the others, in place of Erlang's epmd: what it is
 * told may lead to a tap, so that the wires between two nodes can be cut.
 */
export class PortMapper {
  private readonly sockets = new Set<Socket>();
  private readonly server: Server;
  private creation = 1;

  /** By the name before the `@`, and their ports. */
  readonly registered = new Map<string, number>();

  /** @param route where another node is reached from here */
  private constructor(private readonly route: (name: string) => number | undefined) {
    this.server = createServer((socket) => this.accept(socket));
  }

  static async open(
    port: number,
    route: (name: string) => number | undefined,
  ): Promise<PortMapper> {
    const mapper = new PortMapper(route);
    mapper.server.listen(port, localhost);
    await once(mapper.server, 'listening');
    return mapper;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private accept(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => this.sockets.delete(socket));
    let read = Buffer.alloc(0);
    socket.on('data', (bytes) => {
      read = Buffer.concat([read, bytes]);
      if (read.length < 2 || read.length < 2 + read.readUInt16BE(0)) return;
      const request = read.subarray(2, 2 + read.readUInt16BE(0));
      read = read.subarray(2 + request.length);
      this.answer(socket, request);
    });
  }

  private answer(socket: Socket, request: Buffer): void {
    const [kind] = request;
    if (kind === alive) this.register(socket, request);
    else if (kind === portPlease) socket.end(this.portOf(request.toString('utf8', 1)));
    else if (kind === names) socket.end(this.list());
    else socket.destroy();
  }

  /** As long as it keeps this connection. */
  private register(socket: Socket, request: Buffer): void {
    const name = request.toString('utf8', 11, 11 + request.readUInt16BE(9));
    this.registered.set(name, request.readUInt16BE(1));
    socket.on('close', () => this.registered.delete(name));
    const answer = Buffer.alloc(6);
    answer.writeUInt8(aliveAnswer, 0);
    answer.writeUInt32BE(this.creation++, 2);
    socket.write(answer);
  }

  private portOf(name: string): Buffer {
    const port = this.registered.get(name) ?? this.route(name);
    if (port === undefined) return Buffer.from([portAnswer, 1]);
    const answer = Buffer.alloc(14 + Buffer.byteLength(name));
    answer.writeUInt8(portAnswer, 0);
    answer.writeUInt16BE(port, 2);
    // A node that is not hidden, over TCP, of protocol version 6 or 5.
    answer.set([77, 0, 0, 6, 0, 5], 4);
    answer.writeUInt16BE(Buffer.byteLength(name), 10);
    answer.write(name, 12);
    return answer;
  }

  private list(): Buffer {
    const port = Buffer.alloc(4);
    port.writeUInt32BE(this.port, 0);
    const lines = [...this.registered].map(([name, at]) => `name ${name} at port ${at}\n`);
    return Buffer.concat([port, Buffer.from(lines.join(''))]);
  }
}

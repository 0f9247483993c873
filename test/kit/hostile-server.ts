import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

/** What the far side does once the head of a request has come. */
type Answer = (socket: Socket) => void;

const begin = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n';

/** What no client may hang on, or fall over, by name. */
const answers = {
  silence: () => undefined,
  'an upgrade': says(
    'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n',
  ),
  'a 101 without an upgrade': says('HTTP/1.1 101 Switching Protocols\r\n\r\n'),
  'hints without end': repeats('HTTP/1.1 103 Early Hints\r\nlink: </a>; rel=preload\r\n\r\n'),
  '100s without end': repeats('HTTP/1.1 100 Continue\r\n\r\n'),
  'a tunnel': says('HTTP/1.1 200 Connection Established\r\n\r\n'),
  'headers without end': repeats('x-more: 1\r\n', begin),
  'a header that is too large': says(`${begin}x-large: ${'x'.repeat(1_000_000)}\r\n\r\n`),
  'a body that drips': repeats(' ', `${begin}content-length: 1000000\r\n\r\n`),
  'a body of chunks that drip': repeats('1\r\n \r\n', `${begin}transfer-encoding: chunked\r\n\r\n`),
  'a body that pours': pours,
  'a body that is no gzip': says(
    `${begin}content-encoding: gzip\r\ncontent-length: 7\r\n\r\nno gzip`,
  ),
  garbage: says('\0\u0001\u0002 SSH-2.0 +OK -ERR\r\n\r\n'),
  'a reset': (socket) => socket.resetAndDestroy(),
  'a reset after its headers': resets,
  'a close': (socket) => socket.destroy(),
  'a half-close': (socket) => socket.end(),
  'a half-close in its body': (socket) => socket.end(`${begin}content-length: 1000\r\n\r\n{`),
} satisfies Record<string, Answer>;

export type HostileAnswer = keyof typeof answers;
export const hostileAnswers = Object.keys(answers) as HostileAnswer[];

/** Accepts every connection, and treats each as its name says. */
export class HostileServer {
  /** Connections so far. */
  accepted = 0;
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly server: Server) {}

  static async start(answer: HostileAnswer): Promise<HostileServer> {
    const server = createServer();
    const hostile = new HostileServer(server);
    server.on('connection', (socket) => {
      hostile.accepted += 1;
      hostile.sockets.add(socket);
      socket.once('close', () => hostile.sockets.delete(socket));
      socket.on('error', () => undefined);
      // Its client has gone, whatever is still to be written.
      socket.once('end', () => socket.destroy());
      socket.once('data', () => answers[answer](socket));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return hostile;
  }

  /** Without a slash at its end. An `https` one waits for ever: nobody shakes hands here. */
  url(protocol: 'http' | 'https' = 'http'): string {
    return `${protocol}://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** That are open now. */
  get connections(): number {
    return this.sockets.size;
  }

  async stop(): Promise<void> {
    this.sockets.forEach((socket) => socket.destroy());
    await new Promise((resolve) => this.server.close(resolve));
  }
}

function says(text: string): Answer {
  return (socket) => void socket.write(text);
}

function repeats(text: string, first = ''): Answer {
  return (socket) => {
    socket.write(first + text);
    const timer = setInterval(() => socket.write(text), 20);
    socket.once('close', () => clearInterval(timer));
  };
}

function resets(socket: Socket): void {
  socket.write(`${begin}content-length: 1000\r\n\r\n`, () => socket.resetAndDestroy());
}

function pours(socket: Socket): void {
  const piece = Buffer.alloc(65_536, ' ');
  const more = () => {
    while (socket.write(piece));
  };
  socket.on('drain', more);
  socket.write(`${begin}transfer-encoding: identity\r\n\r\n`);
  more();
}

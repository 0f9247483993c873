import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface ReceivedPost {
  path: string;
  headers: IncomingHttpHeaders;
  /** The very text that is signed. */
  body: string;
}

/** A status, with headers and a body if need be; `silence` is no answer at all. */
export type ReceiverAnswer =
  { status: number; headers?: Record<string, string>; body?: string } | 'silence';

/** The endpoint of a webhook: remembers each post, and answers as it is set to. */
export class WebhookReceiver {
  /** Everything that came so far, in order; it grows. */
  readonly posts: ReceivedPost[] = [];
  connections = 0;
  /** By path, for the posts to come; 204 otherwise. */
  readonly answers = new Map<string, ReceiverAnswer>();

  private constructor(private readonly server: Server) {}

  static async start(): Promise<WebhookReceiver> {
    const server = createServer();
    const receiver = new WebhookReceiver(server);
    server.on('connection', () => (receiver.connections += 1));
    server.on('request', (request, response) => {
      const path = request.url ?? '';
      const take = (body: string): void => {
        receiver.posts.push({ path, headers: request.headers, body });
        const answer = receiver.answers.get(path) ?? { status: 204 };
        if (answer === 'silence') return;
        response.writeHead(answer.status, answer.headers).end(answer.body);
      };
      // A post that is cut off does not count.
      text(request).then(take, () => undefined);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return receiver;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  url(path: string): string {
    return `http://127.0.0.1:${this.port}${path}`;
  }

  at(path: string): ReceivedPost[] {
    return this.posts.filter((post) => post.path === path);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

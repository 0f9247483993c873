import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';

export interface Heard {
  headers: IncomingHttpHeaders;
  /** As it came. */
  text: string;
  type: string;
  data: { paymentId: string; currency: string; amount: number; reason?: string };
}

/** A receiver of callbacks: keeps what it gets, and answers with `status`. */
export class Receiver {
  readonly heard: Heard[] = [];
  status = 204;

  private constructor(private readonly server: Server) {}

  static async open(): Promise<Receiver> {
    const server = createServer();
    const receiver = new Receiver(server);
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        receiver.heard.push({ headers: request.headers, text, ...JSON.parse(text) });
        response.writeHead(receiver.status).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/callbacks`;
  }

  of(paymentId: string): Heard[] {
    return this.heard.filter(({ data }) => data.paymentId === paymentId);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

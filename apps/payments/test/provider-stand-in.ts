import { createServer, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';

export interface Scripted {
  status: number;
  body?: unknown;
}

type Script = (request: IncomingMessage, body: string) => Promise<Scripted> | Scripted;

const silence = new Promise<Scripted>(() => undefined);

/** A payment provider that answers whatever a test says. */
export class ProviderStandIn {
  /** Requests that came, and those that are being answered now, and were at most. */
  asked = 0;
  underWay = 0;
  underWayMax = 0;
  script: Script = () => ({ status: 200, body: { outcome: 'approved', refunded: false } });

  private constructor(private readonly server: Server) {}

  static async open(): Promise<ProviderStandIn> {
    const server = createServer();
    const provider = new ProviderStandIn(server);
    server.on('request', (request, response) => {
      provider.asked += 1;
      provider.underWay += 1;
      provider.underWayMax = Math.max(provider.underWayMax, provider.underWay);
      response.once('close', () => (provider.underWay -= 1));
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        void Promise.resolve(provider.script(request, Buffer.concat(chunks).toString())).then(
          ({ status, body }) => {
            const text = typeof body === 'string' ? body : JSON.stringify(body ?? {});
            response.writeHead(status, { 'content-type': 'application/json' }).end(text);
          },
        );
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return provider;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  answer(status: number, body?: unknown): void {
    this.script = () => ({ status, body });
  }

  keepSilent(): void {
    this.script = () => silence;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

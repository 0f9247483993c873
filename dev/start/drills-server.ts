import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DrillRefused, type Drills } from './drills';

const bodyMax = 4_096;

/** Takes drills from the console alone: on the loopback interface, for who has the token. */
export class DrillsServer {
  readonly token = randomBytes(24).toString('hex');
  private drills?: Drills;

  private constructor(private readonly server: Server) {}

  static async open(): Promise<DrillsServer> {
    const server = createServer();
    const drills = new DrillsServer(server);
    server.on('request', (request, response) => {
      drills.answer(request, response).catch(() => response.destroy());
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    return drills;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  serve(drills: Drills): void {
    this.drills = drills;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { drills } = this;
    const isAllowed = request.headers.authorization === `Bearer ${this.token}`;
    if (!isAllowed || drills === undefined) return send(response, 404, {});
    const text = await bodyOf(request);
    const [, name] = /^\/drills\/([a-z-]+)$/.exec(request.url ?? '') ?? [];
    try {
      if (request.method === 'POST' && name === 'audit') drills.beginAudit();
      else if (request.method === 'POST' && name) drills.begin(name, askedIn(text));
      send(response, 200, drills.state);
    } catch (error) {
      if (!(error instanceof DrillRefused)) throw error;
      const title = 'This drill cannot be done now';
      const type = 'https://tradepost.dev/problems/drill-refused';
      send(response, 409, { type, title, status: 409, detail: error.message });
    }
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > bodyMax) throw new Error('too long');
  }
  return text;
}

function askedIn(text: string): { service?: string; seconds?: number } {
  try {
    return text === '' ? {} : (JSON.parse(text) as object);
  } catch {
    throw new DrillRefused('the request is no JSON');
  }
}

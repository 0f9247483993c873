import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createService } from '@tradepost/service';
import { TestBroker, openToAll } from '@tradepost/test-kit';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConsoleModule } from '../src/console.module';

export interface TestConsole {
  url: string;
  app: NestFastifyApplication;
  stop(): Promise<void>;
}

/** A console in this process, on a virtual host of its own. */
export async function runConsole(env: Record<string, string>): Promise<TestConsole> {
  const broker = await TestBroker.create();
  const quiet = { ...openToAll, HOST: '127.0.0.1', LOG_LEVEL: 'error', LOG_FORMAT: 'text' };
  const app = await createService(ConsoleModule, {
    ...openToAll,
    ...quiet,
    AMQP_URL: broker.amqpUrl,
    ...env,
  });
  await app.listen(0, '127.0.0.1');
  const stop = () => app.close().finally(() => broker.close());
  return { url: await app.getUrl(), app, stop };
}

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A service that is asked: what it is asked for is counted, what it answers is given. */
export class AskedService {
  readonly paths: string[] = [];
  /** What each was asked with; empty for nothing. */
  readonly authorizations: string[] = [];
  /** Who each says that acts. */
  readonly operators: (string | undefined)[] = [];

  private constructor(
    private readonly server: ReturnType<typeof createServer>,
    readonly url: string,
  ) {}

  static async start(answer: Answer): Promise<AskedService> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const asked = new AskedService(server, `http://127.0.0.1:${port}`);
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      asked.paths.push(request.url ?? '');
      asked.authorizations.push(request.headers.authorization ?? '');
      asked.operators.push(request.headers['x-operator']?.toString());
      answer(request, response);
    });
    return asked;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

export function answerJson(response: ServerResponse, body: object, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

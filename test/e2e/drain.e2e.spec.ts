import { environment, eventually, ServiceProcess, TestBroker } from '@tradepost/test-kit';
import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { createTestDatabase, type TestDatabase } from '../kit/test-database';

describe('a service that waits for its load balancer', () => {
  let broker: TestBroker;
  let database: TestDatabase;
  let service: ServiceProcess;
  // As a load balancer has it: the connections are there before the signal.
  const agent = new Agent({ keepAlive: true });

  beforeAll(async () => {
    [broker, database] = await Promise.all([
      TestBroker.create(),
      createTestDatabase('users', environment().postgresUrl),
    ]);
  });
  afterEach(() => service?.kill());
  afterAll(async () => {
    agent.destroy();
    await Promise.all([broker?.close(), database?.drop()]);
  });

  async function start(delayMs: number): Promise<void> {
    const urls = { AMQP_URL: broker.amqpUrl, POSTGRES_URL: database.serviceUrl };
    const env = { ...urls, SHUTDOWN_DELAY_MS: `${delayMs}` };
    service = await ServiceProcess.start({ app: 'users', env });
    await service.ready({ withinMs: 30_000 });
  }

  const signal = () => process.kill(service.pid, 'SIGTERM');

  async function request(path: string) {
    const [answer] = (await once(get(service.url + path, { agent }), 'response')) as [
      IncomingMessage,
    ];
    return { status: answer.statusCode, headers: answer.headers, body: await text(answer) };
  }

  it('is unready at once and serves all that still comes, until a second signal', async () => {
    await start(600_000);
    expect((await request('/v1/users/1')).headers.connection).toBe('keep-alive');
    signal();
    await eventually(async () => {
      const { status, body } = await request('/health/ready');
      expect([status, JSON.parse(body)]).toEqual([503, { status: 'stopping', checks: {} }]);
    });
    expect((await request('/health/live')).status).toBe(200);
    // Told to come no more by this connection, which is then closed while nothing is on its way.
    const { status, headers } = await request('/v1/users/1');
    expect([status, headers.connection]).toEqual([200, 'close']);
    expect((await broker.ask('users.get-user', { id: '1' })).body).toMatchObject({ id: '1' });
    const { exited } = service;
    // One within a second of the first is the same one.
    const again = setInterval(signal, 1_500);
    expect(await exited.finally(() => clearInterval(again))).toEqual({ code: 0, signal: null });
  });

  it('stops when its delay is over', async () => {
    await start(1_500);
    const { exited } = service;
    signal();
    expect(await exited).toEqual({ code: 0, signal: null });
    expect(service.lines.join()).toContain('"delayMs":1500');
  });
});

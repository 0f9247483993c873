import { createServer, type AddressInfo } from 'node:net';
import { environment, eventually, ServiceProcess, Shop, TestBroker } from '@tradepost/test-kit';
import { services } from '../../apps/services';

describe('a service as a process', () => {
  it('ends with 0, and soon, on SIGTERM', async () => {
    const broker = await TestBroker.create();
    const { postgresUrl } = environment();
    const shop = await Shop.start({ amqpUrl: broker.amqpUrl, postgresUrl });
    try {
      const replicas = services.flatMap((app) => shop.replicas(app));
      const exits = await Promise.all(
        replicas.map(async (replica) => ({
          app: replica.app,
          // A process that takes longer is killed, and then has no exit code.
          ...(await replica.stop({ withinMs: 10_000 })),
        })),
      );
      expect(exits).toEqual(services.map((app) => ({ app, code: 0, signal: null })));
    } finally {
      await shop.stop();
      await broker.close();
    }
  });

  it.each([
    'Starting Nest application',
    'ServiceModule dependencies initialized',
    'Mapped {/v1/users, POST} route',
    'Mapped {/ops/dead-letters/undo, POST} route',
    'Nest application successfully started',
  ])('ends with 0 and without an error on SIGTERM while it boots: %s', async (moment) => {
    const broker = await TestBroker.create();
    const { postgresUrl: POSTGRES_URL } = environment();
    const env = { POSTGRES_URL, AMQP_URL: broker.amqpUrl, AMQP_MODE: 'simple', LOG_LEVEL: 'debug' };
    const service = await ServiceProcess.start({ app: 'users', env });
    try {
      await eventually(() => expect(service.lines.join('\n')).toContain(moment));
      expect(await service.stop({ withinMs: 10_000 })).toEqual({ code: 0, signal: null });
      expect(service.lines.join('\n')).not.toMatch(/cannot start|"level":"(error|critical)"/);
    } finally {
      await service.kill();
      await broker.close();
    }
  });

  it.each(services)('%s names every bad variable at once and ends with 1', async (app) => {
    const bad = { POSTGRES_URL: '', AMQP_URL: 'http://x', PREFETCH: '0', LOG_LEVEL: 'loud' };
    const service = await ServiceProcess.start({ app, env: bad });

    expect(await service.exited).toEqual({ code: 1, signal: null });

    const said = service.lines.join('\n');
    for (const name of Object.keys(bad)) expect(said).toContain(name);
    expect(said).not.toMatch(/^\s+at /m);
  });

  it('names the port that is taken', async () => {
    const broker = await TestBroker.create();
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const port = String((taken.address() as AddressInfo).port);
    try {
      const { postgresUrl } = environment();
      const env = { POSTGRES_URL: postgresUrl, AMQP_URL: broker.amqpUrl, PORT: port };
      const service = await ServiceProcess.start({ app: 'users', env });
      expect(await service.exited).toEqual({ code: 1, signal: null });
      expect(service.lines.join('\n')).toContain(port);
    } finally {
      taken.close();
      await broker.close();
    }
  });
});

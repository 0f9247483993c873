import {
  createTestDatabase,
  environment,
  eventually,
  ServiceProcess,
  TestBroker,
} from '@tradepost/test-kit';
import { execFileSync } from 'node:child_process';

/** Nothing listens there. */
const away = 'http://127.0.0.1:9';

describe('a service whose collector is away', () => {
  it('works, says so once, and ends in time', async () => {
    const { postgresUrl } = environment();
    const [broker, database] = await Promise.all([
      TestBroker.create(),
      createTestDatabase('users', postgresUrl),
    ]);
    const service = await ServiceProcess.start({
      app: 'users',
      env: {
        AMQP_URL: broker.amqpUrl,
        POSTGRES_URL: database.serviceUrl,
        OTEL_EXPORTER_OTLP_ENDPOINT: away,
        OTEL_EXPORTER_OTLP_TIMEOUT: '200',
        OTEL_BSP_SCHEDULE_DELAY: '20',
      },
    });
    const warnings = () => service.lines.filter((line) => line.includes('traces are not exported'));
    try {
      await service.ready({ withinMs: 30_000 });
      await eventually(async () => {
        expect((await fetch(`${service.url}/v1/users/1`)).status).toBe(200);
        expect(warnings()).toHaveLength(1);
      });
      expect(await service.stop({ withinMs: 5_000 })).toEqual({ code: 0, signal: null });
      expect(warnings()).toHaveLength(1);
      expect(service.warnings).toEqual([]);
    } finally {
      await service.close();
      await Promise.all([broker.close(), database.drop()]);
    }
  });
});

describe('a service that is told of no collector', () => {
  const loadedWith = (env: Record<string, string>): string[] => {
    const program = `
      require('./dist/libs/service/src/index.js');
      const files = Object.keys(require.cache).map((file) => /@opentelemetry.([^/\\\\]+)/.exec(file)?.[1]);
      console.log(JSON.stringify([...new Set(files)].filter(Boolean).sort()));
      process.exit();`;
    const output = execFileSync(process.execPath, ['-e', program], { env });
    return JSON.parse(output.toString()) as string[];
  };

  it('loads nothing of an SDK', () => {
    expect(loadedWith({})).toEqual(['api']);
    expect(loadedWith({ OTEL_EXPORTER_OTLP_ENDPOINT: '' })).toEqual(['api']);
    expect(loadedWith({ OTEL_EXPORTER_OTLP_ENDPOINT: away, OTEL_SDK_DISABLED: 'true' })).toEqual([
      'api',
    ]);
    expect(loadedWith({ OTEL_EXPORTER_OTLP_ENDPOINT: away })).toContain('sdk-trace-node');
  });
});

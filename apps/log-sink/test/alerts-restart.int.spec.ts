import { LogEntries } from '@tradepost/contracts';
import {
  createTestDatabase,
  eventually,
  TestBroker,
  type TestDatabase,
  testServer,
  WebhookReceiver,
} from '@tradepost/test-kit';
import type { Alert } from '../src/alerts/alerts.store';
import { LogSinkModule } from '../src/log-sink.module';

describe('an alert whose webhook fails', () => {
  let broker: TestBroker;
  let database: TestDatabase;
  let receiver: WebhookReceiver;

  beforeAll(async () => {
    broker = await TestBroker.create();
    database = await createTestDatabase('log-sink');
    receiver = await WebhookReceiver.start();
  });
  afterAll(async () => {
    await receiver?.stop();
    await database?.drop();
    await broker?.close();
  });

  const start = async (env: Record<string, string>) =>
    testServer(LogSinkModule, { AMQP_URL: broker.amqpUrl, ...env }, database);
  const told = {
    ALERT_WEBHOOK_URL: '',
    ALERT_WEBHOOK_SECRET: `whsec_${Buffer.alloc(32, 7).toString('base64')}`,
  };
  const alertOf = async (url: string, service: string): Promise<Alert | undefined> => {
    const response = await fetch(`${url}/v1/alerts`);
    const { items } = (await response.json()) as { items: Alert[] };
    return items.find((item) => item.service === service);
  };
  const raise = async (service: string) => {
    const time = new Date().toISOString();
    const entry = { level: 'critical', service, message: 'fire', time } as const;
    await broker.publish(LogEntries, { entries: [entry] }, { key: 'log.critical' });
  };

  it('is told by the next process when this one ends', async () => {
    receiver.answers.set('/alerts', { status: 503 });
    const env = { ...told, ALERT_WEBHOOK_URL: receiver.url('/alerts') };
    const first = await start(env);
    await raise('ends');
    await eventually(() => expect(receiver.posts.length).toBeGreaterThan(0));
    await first.stop();
    receiver.answers.delete('/alerts');
    const second = await start(env);
    await eventually(
      async () =>
        expect(await alertOf(second.url, 'ends')).toMatchObject({ notification: 'delivered' }),
      { withinMs: 20_000 },
    );
    await second.stop();
    expect(new Set(receiver.posts.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  });

  it('is told to nobody any more when the address is taken away', async () => {
    receiver.answers.set('/alerts', { status: 503 });
    const first = await start({ ...told, ALERT_WEBHOOK_URL: receiver.url('/alerts') });
    await raise('quiet');
    await eventually(async () => {
      expect(await alertOf(first.url, 'quiet')).toMatchObject({ notification: 'pending' });
    });
    await first.stop();
    const second = await start({});
    await eventually(
      async () => expect(await alertOf(second.url, 'quiet')).toMatchObject({ notification: null }),
      { withinMs: 20_000 },
    );
    expect(await broker.allDeadLetters()).toEqual({});
    await second.stop();
  });
});

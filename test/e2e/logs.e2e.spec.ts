import { LogEntry, type LogLevel } from '@tradepost/contracts';
import { environment, eventually, startShop, TestBroker, type Shop } from '@tradepost/testing';
import { Storefront } from './storefront';
import { withLogs } from './with-logs';

describe('logs', () => {
  let broker: TestBroker;
  let shop: Shop;
  let front: Storefront;

  beforeAll(async () => {
    broker = await TestBroker.create();
    const { postgresUrl } = environment();
    const replicas = { payments: 0, financial: 0, orders: 0 };
    shop = await startShop({ amqpUrl: broker.amqpUrl, postgresUrl, replicas });
    front = new Storefront(shop);
  });

  afterAll(async () => {
    await shop?.stop();
    await broker?.close();
  });

  const logs = (name: string, test: () => Promise<void>) =>
    it(
      name,
      withLogs(() => shop, test),
    );

  logs('go to the queues whose pattern matches their level', async () => {
    for (const level of ['info', 'warning', 'error', 'critical'] as const) await say(level);

    await eventually(async () => {
      expect(levelsOf(await front.logs({ service: 'test' }))).toEqual([
        'critical',
        'error',
        'info',
        'warning',
      ]);
      expect(levelsOf(await front.alerts({ level: 'warning' }))).toEqual(['warning']);
      expect(levelsOf(await front.alerts({ level: 'critical' }))).toEqual(['critical']);
    });
    expect(await broker.allDeadLetters()).toEqual({});
  });

  logs('of a service reach the sink, from its first words to its last', async () => {
    await shop.stopApp('users');
    await saidByUsers('SIGTERM');
    // Its first words of all may have come before the sink's first start, when nobody listened.
    await shop.restart('users');
    await saidByUsers('listening');
  });

  async function saidByUsers(words: string): Promise<void> {
    await eventually(async () => {
      const messages = (await front.logs({ service: 'users' })).map(({ message }) => message);
      expect(messages).toContainEqual(expect.stringContaining(words));
    });
  }

  async function say(level: LogLevel): Promise<void> {
    const time = new Date().toISOString();
    const entry = { level, service: 'test', message: `${level} of the test`, time };
    await broker.publish(LogEntry, entry, { key: `log.${level}` });
  }

  function levelsOf(lines: { level: string; service: string }[]): string[] {
    return lines
      .filter(({ service }) => service === 'test')
      .map(({ level }) => level)
      .sort();
  }
});

import { LogEntry, type LogLevel } from '@tradepost/contracts';
import { eventually } from '@tradepost/test-kit';
import { ownShop } from './own-shop';

describe('logs', () => {
  const own = ownShop({ replicas: { payments: 0, financial: 0, orders: 0 } });

  const logs = (name: string, test: () => Promise<void>) => it(name, own.telling(test));

  logs('go to the queues whose pattern matches their level', async () => {
    for (const level of ['info', 'warning', 'error', 'critical'] as const) await say(level);

    await eventually(async () => {
      expect(levelsOf(await own.front.logs({ service: 'test' }))).toEqual([
        'critical',
        'error',
        'info',
        'warning',
      ]);
      expect(levelsOf(await own.front.alerts({ level: 'warning' }))).toEqual(['warning']);
      expect(levelsOf(await own.front.alerts({ level: 'critical' }))).toEqual(['critical']);
    });
    expect(await own.broker.allDeadLetters()).toEqual({});
  });

  logs('of a service reach the sink, from its first words to its last', async () => {
    await own.shop.stopService('users');
    await saidByUsers('SIGTERM');
    // Its first words of all may have come before the sink's first start, when nobody listened.
    await own.shop.restart('users');
    await saidByUsers('listening');
  });

  async function saidByUsers(words: string): Promise<void> {
    await eventually(async () => {
      const messages = (await own.front.logs({ service: 'users' })).map(({ message }) => message);
      expect(messages).toContainEqual(expect.stringContaining(words));
    });
  }

  async function say(level: LogLevel): Promise<void> {
    const time = new Date().toISOString();
    const entry = { level, service: 'test', message: `${level} of the test`, time };
    await own.broker.publish(LogEntry, entry, { key: `log.${level}` });
  }

  function levelsOf(lines: { level: string; service: string }[]): string[] {
    return lines
      .filter(({ service }) => service === 'test')
      .map(({ level }) => level)
      .sort();
  }
});

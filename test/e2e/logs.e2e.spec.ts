import { LogEntries, type LogLevel } from '@tradepost/contracts';
import { eventually } from '@tradepost/test-kit';
import { ownShop } from './own-shop';

describe('logs', () => {
  const own = ownShop({ replicas: { payments: 0, financial: 0, orders: 0 } });

  const logs = (name: string, test: () => Promise<void>) => it(name, own.telling(test));

  logs('go to the queues whose pattern matches their level', async () => {
    for (const level of ['info', 'warning', 'error', 'critical'] as const) await publish(level);

    await eventually(async () => {
      expect(levelsOf(await own.front.logs({ service: 'test' }))).toEqual([
        'critical',
        'error',
        'info',
        'warning',
      ]);
      expect(levelsOf(await own.front.alerts({ level: 'critical' }))).toEqual(['critical']);
    });
    // One warning is none to wake somebody for.
    expect(levelsOf(await own.front.alerts({ level: 'warning' }))).toEqual([]);
    for (let n = 1; n < 10; n += 1) await publish('warning');
    await eventually(async () => {
      expect(levelsOf(await own.front.alerts({ level: 'warning' }))).toEqual(['warning']);
    });
    expect(await own.broker.allDeadLetters()).toEqual({});
  });

  logs('of a service reach the sink, from its first line to its last', async () => {
    await own.shop.stopService('users');
    await loggedByUsers('service stops', { signal: 'SIGTERM' });
    // The first lines may have come before the sink's first start, which declares its queues.
    await own.shop.restart('users');
    await loggedByUsers('service listens', { url: expect.stringContaining('http') as string });
  });

  async function loggedByUsers(message: string, data: object): Promise<void> {
    await eventually(async () => {
      const lines = await own.front.logs({ service: 'users' });
      expect(lines).toContainEqual(expect.objectContaining({ message, data }));
    });
  }

  // Of one moment, so that they are of one window.
  const time = new Date().toISOString();

  async function publish(level: LogLevel): Promise<void> {
    const entry = { level, service: 'test', message: `${level} of the test`, time };
    await own.broker.publish(LogEntries, { entries: [entry] }, { key: `log.${level}` });
  }

  function levelsOf(lines: { level: string; service: string }[]): string[] {
    return lines
      .filter(({ service }) => service === 'test')
      .map(({ level }) => level)
      .sort();
  }
});

import { LogEntries } from '@tradepost/contracts';
import type { Readiness } from '@tradepost/service';
import { eventually } from '@tradepost/test-kit';
import { ownShop } from './own-shop';

const mug = { customerId: '1', currency: 'USD', items: [{ sku: 'MUG-WHITE', quantity: 1 }] };
/** Messages that each of log-sink's queues keeps here: fewer than services that log a sale. */
const kept = 1;
const sellers = ['orders', 'payments', 'financial', 'users'] as const;
const queues = ['logs', 'warning.logs', 'critical.logs'];

describe('log-sink does not keep up', () => {
  const own = ownShop();

  const lost = async () => {
    const response = await fetch(`${own.shop.url('log-sink')}/v1/logs/arrivals`);
    const { items } = (await response.json()) as { items: { queue: string; missing: number }[] };
    return items.filter(({ queue }) => queue === 'logs').reduce((sum, one) => sum + one.missing, 0);
  };
  const flood = async () => {
    for (const level of ['info', 'warning', 'critical'] as const) {
      const entry = { level, service: 'flood', message: 'x', time: new Date().toISOString() };
      const body = { entries: Array.from({ length: 100 }, () => entry) };
      for (let n = 0; n < 50; n += 1) {
        await own.broker.publish(LogEntries, body, { key: `log.${level}` });
      }
    }
  };

  it(
    'and its queues are full: nothing else waits, sales complete, and what is lost is counted',
    own.telling(async () => {
      await own.front.orderWhen((await own.front.place(mug)).id, 'completed');
      await eventually(async () =>
        expect(await own.front.logs({ q: 'sale booked' })).not.toEqual([]),
      );
      const before = await lost();
      await own.shop.kill('log-sink');
      await own.broker.limitQueues('^(.*\\.)?logs$', { 'max-length': kept });
      await flood();
      await eventually(async () => {
        const depths = await Promise.all(queues.map(async (name) => own.broker.depth(name)));
        expect(depths).toEqual([kept, kept, kept]);
      });

      const orders = await Promise.all(Array.from({ length: 20 }, () => own.front.place(mug)));
      for (const { id } of orders) await own.front.orderWhen(id, 'completed');
      expect(await own.broker.depth('logs')).toBe(kept);
      for (const name of sellers) {
        const response = await fetch(`${own.shop.url(name)}/health/ready`);
        const { status, figures, warnings } = (await response.json()) as Readiness;
        expect({ name, status, dropped: figures?.droppedLogLines }).toEqual({
          ...{ name, status: 'ok', dropped: 0 },
        });
        expect(warnings).toEqual([]);
      }

      await own.shop.restart('log-sink');
      // Its next lines tell of those before.
      await own.front.orderWhen((await own.front.place(mug)).id, 'completed');
      await eventually(async () => expect(await lost()).toBeGreaterThan(before));
      expect(await own.broker.allDeadLetters()).toEqual({});
    }),
    90_000,
  );
});

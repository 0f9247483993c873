import { DeadLetters } from '@tradepost/messaging';
import { TestBroker } from '@tradepost/test-kit';

it('who has no dead letters needs no right to say so', async () => {
  const broker = await TestBroker.create();
  try {
    const amqpUrl = await broker.userWith({ configure: '^$', write: '^$', read: '^$' });
    const options = { amqpUrl, queues: [], by: 'tests', waitMs: 1_000 };
    await DeadLetters.use({ ...options, contractOf: () => undefined }, async (none) => {
      expect(await none.list()).toEqual([]);
      expect(await none.operations()).toEqual([]);
      const nothing = { operation: 0, done: 0, stayed: [] };
      expect([await none.discard({}), await none.replay({})]).toEqual([nothing, nothing]);
      await expect(none.undo(1)).rejects.toThrow('operation 1 took nothing here');
    });
  } finally {
    await broker.close();
  }
});

import { eventually } from '@tradepost/test-kit';
import { Example } from './example';

describe("the example of a service on Nest's transport", () => {
  const example = Example.of('nest');

  const place = async (orderId: string, quantity: number) =>
    example.broker.sendToQueue('warehouse', {
      pattern: 'order-placed',
      data: { orderId, sku: 'MUG-BLUE', quantity },
    });
  const reserves = async () => {
    await eventually(() => example.broker.depth('warehouse'));
    await place('a', 4);
    const { messages } = await example.broker.takeFrom('shipping');
    const reserved = { pattern: 'stock-reserved', data: { orderId: 'a' } };
    await eventually(() => expect(messages.map(({ body }) => body)).toEqual([reserved]));
    const question = { pattern: 'stock-of', data: { sku: 'MUG-BLUE' }, id: 'q' };
    const answer = await example.broker.ask('warehouse', question);
    expect(answer.body).toMatchObject({ response: { sku: 'MUG-BLUE', left: 6 } });
  };

  it('works as the documentation shows it', async () => {
    await example.start();
    await reserves();
  }, 30_000);

  it('works on the runtime after its patch, which tries again what has failed', async () => {
    await example.startPatched();
    await reserves();
    await place('b', 100);
    await eventually(async () => expect(await example.broker.depth('retry.5s')).toBe(1));
    await example.broker.sendToQueue('warehouse', { pattern: 'order-plucked', data: {} });
    await eventually(async () =>
      expect(await example.broker.deadLetters('warehouse')).toMatchObject([
        { headers: { 'x-error-code': 'no_handler' } },
      ]),
    );
    expect(await example.stop()).toEqual({ code: null, signal: 'SIGTERM' });
  }, 30_000);

  it('has a patch of at most ten changed lines', () => {
    expect(example.changedLines()).toBeGreaterThan(0);
    expect(example.changedLines()).toBeLessThanOrEqual(10);
  });
});

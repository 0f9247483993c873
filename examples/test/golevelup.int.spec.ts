import { eventually } from '@tradepost/test-kit';
import { Example } from './example';

describe("the example of a service on golevelup's module", () => {
  const example = Example.of('golevelup');

  const place = async (orderId: string, quantity: number) =>
    example.broker.sendToExchange('shop', 'order.placed', { orderId, sku: 'MUG-BLUE', quantity });
  const reserves = async () => {
    // The exchange is there, and the queues are bound to it.
    await eventually(async () => example.broker.bindQueue('shipping', 'shop', 'stock.reserved'));
    await eventually(async () => place('a', 4));
    const { messages } = await example.broker.takeFrom('shipping');
    await eventually(() => expect(messages.map(({ body }) => body)).toEqual([{ orderId: 'a' }]));
    const answer = await example.broker.ask('warehouse.stock', { sku: 'MUG-BLUE' });
    expect(answer.body).toEqual({ sku: 'MUG-BLUE', left: 6 });
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
    await example.broker.sendToQueue('warehouse', Buffer.from('no JSON'));
    await eventually(async () =>
      expect(await example.broker.deadLetters('warehouse')).toMatchObject([
        { headers: { 'x-error-code': 'bad_json' } },
      ]),
    );
    expect(await example.stop()).toEqual({ code: null, signal: 'SIGTERM' });
  }, 30_000);

  it('has a patch of at most ten changed lines', () => {
    expect(example.changedLines()).toBeGreaterThan(0);
    expect(example.changedLines()).toBeLessThanOrEqual(10);
  });
});

import { TestBroker, eventually } from '@tradepost/test-kit';
import { Example } from './example';

describe("the example of a service on Nest's transport", () => {
  let broker: TestBroker;
  const example = new Example('nest');

  beforeEach(async () => {
    broker = await TestBroker.create();
    await broker.declareQueue('shipping');
  });
  afterEach(async () => {
    await example.remove();
    await broker.close();
  });

  const place = async (orderId: string, quantity: number) =>
    broker.sendToQueue('warehouse', {
      pattern: 'order-placed',
      data: { orderId, sku: 'MUG-BLUE', quantity },
    });
  const reserves = async () => {
    await eventually(() => broker.depth('warehouse'));
    await place('a', 4);
    const { messages } = await broker.takeFrom('shipping');
    const reserved = { pattern: 'stock-reserved', data: { orderId: 'a' } };
    await eventually(() => expect(messages.map(({ body }) => body)).toEqual([reserved]));
    const question = { pattern: 'stock-of', data: { sku: 'MUG-BLUE' }, id: 'q' };
    const answer = await broker.ask('warehouse', question);
    expect(answer.body).toMatchObject({ response: { sku: 'MUG-BLUE', left: 6 } });
  };

  it('works as the documentation shows it', async () => {
    await example.start(broker.amqpUrl);
    await reserves();
  }, 30_000);

  it('works on the runtime after its patch, which tries again what has failed', async () => {
    await example.startPatched(broker.amqpUrl);
    await reserves();
    await place('b', 100);
    await eventually(async () => expect(await broker.depth('retry.5s')).toBe(1));
    await broker.sendToQueue('warehouse', { pattern: 'order-plucked', data: {} });
    await eventually(async () =>
      expect(await broker.deadLetters('warehouse')).toMatchObject([
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

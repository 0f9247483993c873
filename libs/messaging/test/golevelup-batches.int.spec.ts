import type { MessageHandlerOptions } from '@golevelup/nestjs-rabbitmq';
import { eventually, TestBroker } from '@tradepost/test-kit';
import { handling, Parcels, ParcelServices, parcels } from './parcels';

let broker: TestBroker;
const services = new ParcelServices(() => broker);

beforeAll(async () => {
  broker = await TestBroker.create();
});
afterAll(() => broker.close());
beforeEach(() => {
  parcels.heard = [];
  parcels.does = undefined;
});
afterEach(() => services.close());

let queues = 0;

/** Weights 1 to 6 are on the queue when its handler comes; 4 is too heavy. */
async function taken(options: Partial<MessageHandlerOptions>): Promise<string> {
  const queue = `batches-${(queues += 1)}`;
  await broker.declareQueue(queue);
  for (const weight of [1, 2, 3, 4, 5, 6]) await broker.sendToQueue(queue, { weight });
  const batchOptions = { size: 3, timeout: 1, ...options.batchOptions };
  const handler = handling('batches', { queue, ...options, batchOptions });
  await services.ours({ ...handler, retry: [], prefetchCount: 3 }, Parcels);
  return queue;
}

const weightOf = (content: Buffer) => (JSON.parse(content.toString()) as { weight: number }).weight;
const tooHeavy = ({ content }: { content: Buffer }) => {
  if (weightOf(content) === 4) throw new RangeError('too heavy');
};
const heard = () => parcels.heard.flatMap((call) => (call as [{ weight: number }[]])[0]);
const dead = async (queue: string) => (await broker.deadLetters(queue)).map(({ body }) => body);

it('comes as golevelup hands it out, and is acked when its handler is done', async () => {
  const queue = await taken({});
  const weights = [1, 2, 3, 4, 5, 6].map((weight) => ({ weight }));
  await eventually(() => expect(heard()).toEqual(weights));
  for (const [batch, raws, headers] of parcels.heard as [object[], number, number][]) {
    expect(batch.length).toBeLessThanOrEqual(3);
    expect([raws, headers]).toEqual([batch.length, batch.length]);
  }
  await services.close();
  expect(await broker.depth(queue)).toBe(0);
});

it('that fails is tried one by one: the bad message alone is a dead letter', async () => {
  parcels.does = tooHeavy;
  const queue = await taken({});
  await eventually(async () => expect(await dead(queue)).toEqual([{ weight: 4 }]));
  await eventually(() => expect(heard()).toContainEqual({ weight: 6 }));
  await services.close();
  expect(await broker.depth(queue)).toBe(0);
});

it("is settled by the batch's own error handler, which may leave some to be tried again", async () => {
  parcels.does = tooHeavy;
  const errorHandler: NonNullable<MessageHandlerOptions['batchOptions']>['errorHandler'] = (
    channel,
    raws,
  ) => {
    const bad = raws.findIndex(({ content }) => weightOf(content) === 4);
    const [before, after] = [raws[bad - 1], raws[bad + 1]];
    if (before) channel.ack(before, true);
    if (after) channel.ack(after);
  };
  const queue = await taken({ batchOptions: { size: 3, errorHandler } });
  await eventually(async () => expect(await dead(queue)).toContainEqual({ weight: 4 }));
  expect(await dead(queue)).not.toContainEqual({ weight: 5 });
  await services.close();
  expect(await broker.depth(queue)).toBe(0);
});

import { eventually, TestBroker } from '@tradepost/test-kit';
import type { Channel, ChannelModel } from 'amqplib';
import { openConnection } from '../src/connection/connect';
import { makeHolding, returnMessages, swap } from '../src/topology/replace-queue';
import { onChannel } from '../src/topology/topology';

const exchange = 'replaced';

describe('a queue that is replaced', () => {
  let broker: TestBroker;
  let model: ChannelModel;
  let name: string;
  let count = 0;
  const { signal } = new AbortController();

  beforeAll(async () => {
    broker = await TestBroker.create();
    model = await openConnection(broker.amqpUrl, 'replace');
    await onChannel(model, (channel) => channel.assertExchange(exchange, 'topic'));
  });
  afterAll(async () => {
    await model.close();
    await broker.close();
  });
  beforeEach(async () => {
    name = `replaced-${(count += 1)}`;
    await broker.declareQueue(name);
    for (const key of keys()) await broker.bindQueue(name, exchange, key);
    await makeHolding(replacement());
  });

  const keys = () => [`${name}.one`, `${name}.other`];
  const replacement = (through = model) => ({
    model: through,
    queue: { name, args: { 'x-queue-type': 'quorum' } },
    bindings: keys().map((key) => ({ exchange, queue: name, key })),
    signal,
  });
  const returned = async (through = model) => returnMessages(through, name, signal);
  const sendTo = async (queue: string, ...texts: string[]) => {
    for (const text of texts) await broker.sendToQueue(queue, { text });
  };
  /** What is in a queue, and by which keys it came, in order. */
  const taken = async (queue: string, expected: number) => {
    const { messages, stop } = await broker.takeFrom<{ text: string }>(queue);
    await eventually(() => expect(messages).toHaveLength(expected));
    await stop();
    return messages.map(({ body, routingKey }) => [body.text, routingKey]);
  };
  const isThere = async (look: (channel: Channel) => Promise<unknown>) =>
    onChannel(model, look).then(
      () => true,
      () => false,
    );
  const scaffolding = async () => [
    await isThere((channel) => channel.checkExchange(`${name}.moving`)),
    await isThere((channel) => channel.checkExchange(`${name}.returning`)),
    await isThere((channel) => channel.checkQueue(`${name}.moving`)),
  ];

  type Act = 'checkQueue' | 'deleteQueue' | 'close';
  /** Once, just before such an act on such a channel, `meddle` happens. */
  const meddling = (
    act: Act,
    meddle: () => Promise<unknown>,
    kind: 'createChannel' | 'createConfirmChannel' = 'createChannel',
  ): ChannelModel => {
    let isDone = false;
    const create = async () => {
      const channel: Channel = await model[kind]();
      const own = channel[act].bind(channel) as (...given: unknown[]) => Promise<unknown>;
      const late = async (...given: unknown[]) => {
        if (!isDone) {
          isDone = true;
          await meddle();
        }
        return own(...given);
      };
      return Object.assign(channel, { [act]: late });
    };
    return Object.assign(Object.create(model) as ChannelModel, { [kind]: create });
  };

  it('has its messages and its bindings again, and nothing is left beside it', async () => {
    const [one = '', other = ''] = keys();
    await broker.sendToExchange(exchange, one, { text: 'a' });
    await broker.sendToExchange(exchange, other, { text: 'b' });
    expect(await swap(replacement())).toBe(2);
    expect([await broker.depth(name), await broker.depth(`${name}.moving`)]).toEqual([0, 2]);
    await broker.sendToExchange(exchange, one, { text: 'c' });
    await broker.sendToExchange(exchange, other, { text: 'd' });
    expect([await broker.depth(name), await broker.depth(`${name}.moving`)]).toEqual([2, 2]);
    expect(await returned()).toBe(2);
    expect(await taken(name, 4)).toEqual([
      ['c', one],
      ['d', other],
      ['a', one],
      ['b', other],
    ]);
    expect(await scaffolding()).toEqual([false, false, false]);
    await expect(broker.declareQueue(name)).rejects.toThrow('x-queue-type');
  });

  it('has its messages wait beside it, whatever routes them to it meanwhile', async () => {
    const [key = ''] = keys();
    const route = async () => broker.sendToExchange(exchange, key, { text: 'meanwhile' });
    await swap(replacement(meddling('close', route, 'createConfirmChannel')));
    await sendTo(name, 'afterwards');
    await returned();
    const found = await taken(name, 2);
    expect(found.map(([text]) => text)).toEqual(['afterwards', 'meanwhile']);
  });

  it('is looked through again when something comes back to it', async () => {
    await sendTo(name, 'a');
    const comeBack = async () => sendTo(name, 'in hand');
    expect(await swap(replacement(meddling('close', comeBack, 'createConfirmChannel')))).toBe(2);
    expect(await broker.depth(`${name}.moving`)).toBe(2);
  });

  it('is not deleted while there is a message in it', async () => {
    const late = swap(replacement(meddling('checkQueue', async () => sendTo(name, 'late'))));
    await expect(late).rejects.toThrow('in use: 0 consumers, 1 messages');
    expect(await taken(name, 1)).toEqual([['late', name]]);
  });

  it('is not deleted while somebody consumes from it', async () => {
    let stop = async () => Promise.resolve();
    const consume = async () => ({ stop } = await broker.takeFrom(name));
    const used = swap(replacement(meddling('checkQueue', consume)));
    await expect(used).rejects.toThrow('in use: 1 consumers, 0 messages');
    await stop();
    await broker.declareQueue(name);
  });

  it('is made anew, and it is told, when something came too late to be moved', async () => {
    const late = swap(replacement(meddling('deleteQueue', async () => sendTo(name, 'lost'))));
    await expect(late).rejects.toThrow('1 messages came too late');
    await broker.sendToExchange(exchange, keys()[1] ?? '', { text: 'new' });
    expect(await broker.depth(name)).toBe(1);
  });

  it('gets back too what came to its side while the rest was brought back', async () => {
    await sendTo(`${name}.moving`, 'a');
    const late = async () => sendTo(`${name}.moving`, 'late');
    expect(await returned(meddling('checkQueue', late))).toBe(2);
    expect((await taken(name, 2)).map(([text]) => text)).toEqual(['a', 'late']);
    expect(await scaffolding()).toEqual([false, false, false]);
  });
});

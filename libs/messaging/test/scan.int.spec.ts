import { AmqpTap, eventually, TestBroker } from '@tradepost/test-kit';
import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib';
import { openConnection } from '../src/connection/connect';
import { Scan, Tally } from '../src/dead-letters/scan';
import { deadQueueShape } from '../src/handlers/handler';
import { declare, onChannel } from '../src/topology/topology';

describe('a scan of dead letters', () => {
  let broker: TestBroker;
  let model: ChannelModel;
  let dead: string;
  let count = 0;
  let seen: ConsumeMessage[];

  beforeAll(async () => {
    broker = await TestBroker.create();
    model = await openConnection(broker.amqpUrl, 'scan');
  });
  afterAll(async () => {
    await model.close();
    await broker.close();
  });
  beforeEach(async () => {
    seen = [];
    dead = `scanned-${(count += 1)}.dead`;
    await onChannel(model, (channel) => declare(channel, { queues: [deadQueueShape(dead)] }));
  });
  afterEach(() => jest.restoreAllMocks());

  const send = async (texts: unknown[]) => {
    const channel = await model.createConfirmChannel();
    for (const text of texts) {
      channel.sendToQueue(dead, Buffer.from(String(text)), { messageId: String(text) });
    }
    await channel.waitForConfirms();
    await channel.close();
  };
  const numbers = (many: number) => Array.from({ length: many }, (_, n) => `${n}`);
  const textsOf = (raws: ConsumeMessage[]) => raws.map(({ content }) => content.toString());
  const open = async (through = model) => {
    const scan = await Scan.open(through, dead, (raw) => void seen.push(raw));
    if (scan === undefined) throw new Error(`${dead} is not there`);
    return scan;
  };
  /** So that nothing that waits in vain waits long. */
  const hurry = () => {
    let now = Date.now();
    jest.spyOn(Date, 'now').mockImplementation(() => (now += 6_000));
  };

  it('sees more than fit in a consumer by default, and gives all back before it is closed', async () => {
    await send(numbers(3_000));
    const scan = await open();
    expect(textsOf(seen)).toEqual(numbers(3_000));
    await scan.close();
    expect(() => seen.forEach((raw) => scan.ack(raw))).toThrow('closed');
    // The broker is not always slow enough to be seen.
    const channel = await model.createChannel();
    for (let round = 0; round < 8; round += 1) {
      await (await open()).close();
      expect(await channel.checkQueue(dead)).toMatchObject({ messageCount: 3_000 });
    }
    expect((await Tally.of(model, dead)).total).toBe(3_000);
    expect(seen).toHaveLength(27_000);
    await channel.close();
  });

  it('takes away what is acked however soon it is closed, and gives back the rest', async () => {
    // The broker has not confirmed to itself the last of so many.
    for (let round = 0; round < 20; round += 1) {
      await send(numbers(60));
      const scan = await open();
      for (const raw of seen.splice(0)) scan.ack(raw);
      await scan.close();
      expect(await broker.depth(dead)).toBe(0);
    }
    await send(numbers(60));
    const scan = await open();
    for (const raw of seen.slice(0, 5)) scan.ack(raw);
    await scan.close();
    expect(await broker.depth(dead)).toBe(55);
  });

  it('ends when what was counted is gone before it comes', async () => {
    await send(['a', 'b']);
    const create = async () => {
      const channel: Channel = await model.createChannel();
      const consume = channel.consume.bind(channel);
      const late = async (...given: Parameters<Channel['consume']>) => {
        await onChannel(model, (other) => other.purgeQueue(dead));
        hurry();
        return consume(...given);
      };
      return Object.assign(channel, { consume: late });
    };
    const meddling = Object.create(model) as ChannelModel;
    const scan = await open(Object.assign(meddling, { createChannel: create }));
    expect(seen).toHaveLength(0);
    await scan.close();
  });

  it('ends when what it gives back is taken at once', async () => {
    await send(['a', 'b']);
    const scan = await open();
    const { messages } = await broker.takeFrom(dead);
    hurry();
    await scan.close();
    jest.restoreAllMocks();
    await eventually(() => expect(messages).toHaveLength(2));
  });

  it('that the broker cancels is none', async () => {
    await send(['a']);
    const tap = await AmqpTap.open(broker.amqpUrl);
    const tapped = await openConnection(tap.url, 'scan');
    tap.cancelling = dead;
    await expect(open(tapped)).rejects.toThrow(`${dead}: cancelled by the broker`);
    await tapped.close();
    await tap.close();
  });

  it('is none where there is no such queue; one that may not be read is told', async () => {
    expect(await Scan.open(model, 'none.dead', () => undefined)).toBeUndefined();
    expect((await Tally.of(model, 'none.dead')).total).toBe(0);
    await send(['a']);
    const url = await broker.userWith({ configure: '.*', write: '.*', read: '^$' });
    const poor = await openConnection(url, 'scan');
    await expect(open(poor)).rejects.toThrow('ACCESS_REFUSED');
    await poor.close();
  });

  it('tallies as many of each id as there are', async () => {
    await send(['a', 'b', 'a']);
    const tally = await Tally.of(model, dead);
    expect(tally.total).toBe(3);
    expect(['a', 'a', 'a', 'b', 'b', 'c'].map((id) => tally.take(id))).toEqual([
      ...[true, true, false],
      ...[true, false, false],
    ]);
    expect(tally.total).toBe(0);
  });
});

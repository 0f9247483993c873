import { Logger } from '@nestjs/common';
import { AmqpTap, eventually, TcpTap, TestBroker } from '@tradepost/test-kit';
import type { Channel, ChannelModel } from 'amqplib';
import { Link } from '../src/connection/link';
import {
  ReopeningChannel,
  type ReopeningChannelOptions,
} from '../src/connection/reopening-channel';

const log = new Logger('Messaging');
const links: Link[] = [];
let broker: TestBroker;
let tap: AmqpTap;

beforeAll(async () => {
  broker = await TestBroker.create();
});
afterAll(() => broker.close());
beforeEach(async () => {
  tap = await AmqpTap.open(broker.amqpUrl);
});
afterEach(async () => {
  jest.restoreAllMocks();
  await Promise.all(links.splice(0).map((link) => link.stop()));
  await tap.close();
});

/** Not started; and the connections that it had. */
function newLink(url = tap.url) {
  const link = new Link({ url, name: 'link', log });
  links.push(link);
  const models: ChannelModel[] = [];
  link.onUp((model) => models.push(model));
  return { link, models };
}

async function open() {
  const opened = newLink();
  opened.link.start();
  await eventually(() => expect(opened.link.isUp).toBe(true));
  return opened;
}

describe('a link', () => {
  it('tells of each connection, and has no other at a time', async () => {
    const { link, models } = newLink();
    await expect(link.declare({})).rejects.toThrow('not connected');
    link.drop('there is none');
    expect([link.isUp, models]).toEqual([false, []]);
    link.start();
    link.start();
    await eventually(() => expect(link.isUp).toBe(true));
    const late: ChannelModel[] = [];
    link.onUp((model) => late.push(model));
    expect(late).toHaveLength(1);
    await link.declare({ queues: [{ name: 'declared', args: {} }] });
    expect(await broker.depth('declared')).toBe(0);
    const warned = jest.spyOn(log, 'warn');
    link.drop('the test');
    await eventually(() => expect(models).toHaveLength(2));
    const lost = { connection: 'link', node: new URL(tap.url).host, cause: 'the test' };
    expect(warned.mock.calls).toEqual([['connection lost', lost]]);
    expect(late[1]).toBe(models[1]);
    expect(late[0]).not.toBe(models[1]);
    expect(tap.opened).toBe(2);
  });

  it('to several nodes moves on when its node is lost; links spread over them', async () => {
    const other = await AmqpTap.open(broker.amqpUrl);
    const [first, second] = [tap, other].map(({ url }) => new URL(url).host);
    const both = [1, 2, 3, 4].map(() => newLink(tap.url.replace(`${first}`, `${first},${second}`)));
    for (const { link } of both) link.start();
    await eventually(() => expect(both.every(({ link }) => link.isUp)).toBe(true));
    expect(both.map(({ link }) => link.node).sort()).toEqual([first, first, second, second].sort());
    await tap.close();
    await eventually(() =>
      expect(both.map(({ link }) => link.node)).toEqual(Array(4).fill(second)),
    );
    tap = other;
  });

  it('that is stopped has none, and makes none', async () => {
    const { link } = await open();
    const began = Date.now();
    await link.stop();
    expect(link.isUp).toBe(false);
    expect(Date.now() - began).toBeLessThan(1_500);
    await newLink().link.stop();
    expect(tap.opened).toBe(1);
  });

  it('that is stopped while it connects tells nobody, and says goodbye', async () => {
    const slow = await TcpTap.open(broker.amqpUrl);
    const { link, models } = newLink(slow.url);
    slow.freeze();
    link.start();
    await eventually(() => expect(slow.opened).toBe(1));
    const stopping = link.stop();
    slow.thaw();
    await stopping;
    expect([link.isUp, models]).toEqual([false, []]);
    await eventually(() => expect(slow.silence()).toBe(0));
    await slow.close();
  });

  it('knows while the broker takes nothing, until it does or the connection ends', async () => {
    const { link, models } = await open();
    const isBlocked = async (why?: string) => eventually(() => expect(link.blocked).toBe(why));
    tap.block('low on disk');
    await isBlocked('low on disk');
    tap.unblock();
    await isBlocked();
    tap.block('low on memory');
    await isBlocked('low on memory');
    link.drop('the test');
    await eventually(() => expect(models).toHaveLength(2));
    expect(link.blocked).toBeUndefined();
  });

  it('waits longer and longer for a broker that is away', async () => {
    const { link } = await open();
    const began = Date.now();
    tap.sever();
    await eventually(() => expect(tap.opened).toBe(3), { everyMs: 1 });
    expect(Date.now() - began).toBeGreaterThan(100);
    tap.mend();
    await eventually(() => expect(link.isUp).toBe(true));
  });
});

describe('a channel that is kept open', () => {
  let opened: Channel[];
  let lost: [Channel, string][];

  const keep = (link: Link, options: Partial<ReopeningChannelOptions<Channel>> = {}) => {
    [opened, lost] = [[], []];
    const create = async (model: ChannelModel) => model.createChannel();
    const onOpen = (channel: Channel) => opened.push(channel);
    const onLost = (channel: Channel, reason: string) => lost.push([channel, reason]);
    return new ReopeningChannel({ link, log, name: 'tests', create, onOpen, onLost, ...options });
  };
  const isThere = async (channel: ReopeningChannel, times = 1) =>
    eventually(() => {
      expect(channel.closedBecause).toBeUndefined();
      expect(opened).toHaveLength(times);
    });
  /** What no queue has is the end of the channel that asks for it. */
  const end = async (channel?: Channel) => channel?.checkQueue('none').catch(() => undefined);

  it('is there once its link is up', async () => {
    const { link } = newLink();
    const channel = keep(link);
    expect(channel.current).toBeUndefined();
    expect(channel.closedBecause).toBe('not connected yet');
    expect(channel.openingForMs).toBe(0);
    await expect(channel.get()).rejects.toThrow('not connected yet');
    link.start();
    await isThere(channel);
    expect(await channel.get()).toBe(opened[0]);
    expect(channel.current).toBe(opened[0]);
  });

  it('that is given up is followed by another, at once when that is asked for', async () => {
    const { link } = await open();
    const channel = keep(link);
    await isThere(channel);
    channel.replace('slow');
    channel.replace('slower');
    const [first] = opened;
    expect(lost).toEqual([[first, 'slow']]);
    expect([channel.current, channel.closedBecause]).toEqual([undefined, 'slow']);
    const [next, same] = await Promise.all([channel.get(), channel.get()]);
    expect(same).toBe(next);
    expect(opened).toEqual([first, next]);
    expect(next).not.toBe(first);
    await first?.close();
    expect([channel.current, lost.length]).toEqual([next, 1]);
    channel.replace('slow again');
    await isThere(channel, 3);
  });

  it('is given up as one that refuses only when it has been there for some time', async () => {
    const { link } = await open();
    const channel = keep(link);
    await isThere(channel);
    expect(channel.renew('refused')).toBe(false);
    expect(channel.current).toBe(opened[0]);
    const later = Date.now() + 5_000;
    jest.spyOn(Date, 'now').mockReturnValue(later);
    expect(channel.renew('refused')).toBe(true);
    jest.restoreAllMocks();
    expect(channel.closedBecause).toBe('refused');
    await isThere(channel, 2);
  });

  it('that has been stopped is not opened again', async () => {
    const { link } = await open();
    const channel = keep(link);
    await isThere(channel);
    channel.stop();
    channel.replace('over');
    await expect(channel.get()).rejects.toThrow('over');
    expect(opened).toHaveLength(1);
  });

  it('is opened again when it could not be made, or not be made fit', async () => {
    const { link } = await open();
    const created: Channel[] = [];
    const ended: Channel[] = [];
    let tries = 0;
    const create = async (model: ChannelModel) => {
      tries += 1;
      if (tries === 1) throw new Error('none is free');
      const one = await model.createChannel();
      one.on('close', () => ended.push(one));
      created.push(one);
      return one;
    };
    const prepare = async (one: Channel) => {
      if (tries === 2) throw new Error('it is not fit');
      if (tries === 3) await end(one);
    };
    const channel = keep(link, { create, prepare });
    for (const problem of ['none is free', 'it is not fit']) {
      await eventually(() => expect(channel.closedBecause).toBe(problem), { everyMs: 1 });
    }
    await expect(channel.get()).rejects.toThrow('NOT_FOUND');
    await channel.get();
    await isThere(channel);
    expect([tries, lost]).toEqual([4, []]);
    expect(channel.current).toBe(created[2]);
    await eventually(() => expect(ended).toEqual([created[0], created[1]]));
  });

  it('that the broker ends says why, and is followed by another', async () => {
    const { link, models } = await open();
    const channel = keep(link);
    await isThere(channel);
    await end(channel.current);
    await eventually(() => expect(lost).toHaveLength(1));
    expect(lost[0]?.[1]).toContain('NOT_FOUND');
    expect(channel.closedBecause).toContain('NOT_FOUND');
    await isThere(channel, 2);
    expect(models).toHaveLength(1);
  });

  it('is opened on the connection of now, though one is lost while it opens', async () => {
    const { link, models } = await open();
    const on: ChannelModel[] = [];
    let letGo = (): void => undefined;
    const held = new Promise<void>((resolve) => (letGo = resolve));
    const create = async (model: ChannelModel) => {
      on.push(model);
      if (on.length === 1) await held;
      return model.createChannel();
    };
    const channel = keep(link, { create });
    await eventually(() => expect(channel.openingForMs).toBeGreaterThan(0));
    expect(channel.openingForMs).toBeLessThan(10_000);
    link.drop('the test');
    await eventually(() => expect(models).toHaveLength(2));
    letGo();
    await isThere(channel);
    expect(on).toEqual(models);
    expect(channel.openingForMs).toBe(0);
  });
});

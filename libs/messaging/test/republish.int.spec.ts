import { Injectable } from '@nestjs/common';
import { DeadLetters, OnWork, Rejected, type Message } from '@tradepost/messaging';
import { work } from '@tradepost/messaging/contract';
import { eventually } from '@tradepost/test-kit';
import { IsString } from 'class-validator';
import { moveMessages } from '../src/topology/move-messages';
import { openConnection, closeConnection } from '../src/connection/connect';
import { Bench } from './bench';
import { DoWork } from './contracts';
import { headersIn, long, RawClient, rawProperties, short, table, uint64 } from './raw-message';
import type { RawProperties } from './raw-message';

class Copied {
  static readonly route = work('tests.copied');

  @IsString()
  what!: string;
}

const tries: string[] = [];
let isBroken = true;

@Injectable()
class Workers {
  @OnWork(DoWork, { retry: ['1s'] })
  async first({ what }: DoWork, message: Message): Promise<void> {
    return this.handle('first', what, message);
  }

  @OnWork(Copied, { retry: ['1s'] })
  async second({ what }: Copied, message: Message): Promise<void> {
    return this.handle('second', what, message);
  }

  private async handle(who: string, what: string, { attempt }: Message): Promise<void> {
    tries.push(`${who} ${attempt}`);
    if (what === 'refused') throw new Rejected('not_wanted');
    if (isBroken) throw new Error('broken');
    return Promise.resolve();
  }
}

const [queue, other] = ['tests.do-work', 'tests.copied'];
const dead = `${queue}.dead`;

describe('a message that is published once more', () => {
  let bench: Bench;
  let raw: RawClient;

  beforeEach(async () => {
    isBroken = true;
    tries.splice(0);
    bench = await Bench.open();
    await bench.start([Workers]);
    raw = await RawClient.open(bench.broker.amqpUrl);
  });
  afterEach(async () => {
    await raw.close();
    await bench.close();
  });

  const use = <T>(run: (deadLetters: DeadLetters) => Promise<T>) => {
    const queues = [queue, other];
    const options = { amqpUrl: bench.broker.amqpUrl, queues, by: 'test', waitMs: 10_000 };
    return DeadLetters.use({ ...options, contractOf: () => undefined }, run);
  };
  const depths = async () =>
    Promise.all([`${queue}.dead`, `${other}.dead`].map((name) => bench.broker.depth(name)));
  const content = (what: string) => Buffer.from(JSON.stringify({ what }));

  describe.each(['CC', 'BCC'])('with the header %s', (header) => {
    it('has one dead letter in each queue, and each retry, replay and undo is its own', async () => {
      const headers = { [header]: [other] };
      await bench.broker.sendToQueue(queue, { what: 'a' }, { messageId: 'a', headers });
      await eventually(async () => expect(await depths()).toEqual([1, 1]), { withinMs: 20_000 });
      expect([...tries].sort()).toEqual(['first 1', 'first 2', 'second 1', 'second 2']);
      tries.splice(0);
      const { operation } = await use((deadLetters) => deadLetters.replay({ queue }));
      await eventually(async () => expect(await depths()).toEqual([1, 1]), { withinMs: 20_000 });
      expect(tries).toEqual(['first 1', 'first 2']);
      await use((deadLetters) => deadLetters.discard({ queue }));
      await use((deadLetters) => deadLetters.undo(operation));
      expect(await depths()).toEqual([1, 1]);
      // More would have come by now, through the tier of a second.
      tries.splice(0);
      const marker = { messageId: 'marker' };
      await bench.broker.sendToQueue(queue, { what: 'marker' }, marker);
      await eventually(() => expect(tries).toEqual(['first 1', 'first 2']));
    });
  });

  it('with CC that the broker gives up has one dead letter in each queue', async () => {
    await bench.stop();
    await bench.broker.sendToQueue(queue, { what: 'a' }, { messageId: 'a', CC: [other] });
    for (const from of [queue, other]) {
      // Its delivery limit, and once more.
      for (let delivery = 0; delivery <= 20; delivery += 1) await raw.giveBack(from);
    }
    await eventually(async () => expect(await depths()).toEqual([1, 1]));
    await use((deadLetters) => deadLetters.replay({ queue }));
    expect([await bench.broker.depth(queue), await bench.broker.depth(other)]).toEqual([1, 0]);
    expect(await depths()).toEqual([0, 1]);
  });

  it('is moved whatever its routing key', async () => {
    await bench.stop();
    const model = await openConnection(bench.broker.amqpUrl, 'test');
    const channel = await model.createChannel();
    for (const name of ['from', 'beside']) {
      await channel.assertExchange(name, 'fanout');
      await channel.assertQueue(name);
      await channel.bindQueue(name, name, '');
    }
    await raw.send(['from', Buffer.alloc(200, 0xe9)], rawProperties({}), content('a'));
    const { signal } = new AbortController();
    expect(await moveMessages(model, { from: 'from', through: 'beside', signal })).toBe(1);
    expect((await raw.take('beside'))?.content).toEqual(content('a'));
    await closeConnection(model);
    expect(await bench.broker.depth('from')).toBe(0);
  });

  const kept: RawProperties = {
    contentType: short('application/json; charset=utf-8'),
    contentEncoding: short('utf-8'),
    deliveryMode: Buffer.of(1),
    priority: Buffer.of(7),
    // Ids of other systems are bytes at times.
    correlationId: short(Buffer.alloc(200, 0xe9)),
    replyTo: short('answers.to'),
    messageId: short('odd'),
    timestamp: uint64(1_763_000_000_123n),
    type: short('DoWork'),
    appId: short('José'),
  };
  const odd = table(
    ['decimal', 'D', Buffer.from([2, 0, 0, 1, 0])],
    ['void', 'V', Buffer.alloc(0)],
    ['bytes', 'x', long(Buffer.from([0, 255, 0xce, 10]))],
    ['date', 'T', uint64(1_763_000_000n)],
    ['later than all', 'T', uint64(2n ** 63n - 1n)],
    ['byte', 'b', Buffer.of(0xff)],
    ['unsigned byte', 'B', Buffer.of(0xff)],
    ['short', 's', Buffer.of(0x80, 0)],
    ['unsigned short', 'u', Buffer.of(0xff, 0xff)],
    ['int', 'I', Buffer.of(0x80, 0, 0, 0)],
    ['unsigned int', 'i', Buffer.of(0xff, 0xff, 0xff, 0xff)],
    ['long', 'l', uint64(2n ** 53n + 1n)],
    ['float', 'f', Buffer.of(0x3f, 0x80, 0, 0)],
    ['double', 'd', Buffer.of(0xfe, 0x37, 0xe4, 0x3c, 0x88, 0, 0x75, 0x9c)],
    ['whole double', 'd', Buffer.of(0x3f, 0xf0, 0, 0, 0, 0, 0, 0)],
    ['true', 't', Buffer.of(1)],
    ['not utf-8', 'S', long(Buffer.from('José', 'latin1'))],
    [Buffer.alloc(120, 0xe9), 'S', long('its name is not')],
    ['x-own', 'S', long('kept')],
    ['!', 'F', table(['!', 'S', long('no such type')])],
    ['__proto__', 'F', table(['polluted', 't', Buffer.of(1)])],
    ['list', 'A', long(Buffer.concat([Buffer.from('A'), long('V'), Buffer.from('V')]))],
  );

  /** The message in `from`, as bytes, against what was sent. */
  const expectKept = async (from: string) => {
    const found = await eventually(async () => {
      const message = await raw.take(from);
      if (message === undefined) throw new Error(`${from} is empty`);
      return message;
    });
    const sent = rawProperties({ ...kept, headers: odd });
    const { properties } = found;
    expect(headersIn(properties)).toMatchObject(headersIn(sent));
    for (const value of Object.values(kept)) expect(properties.includes(value)).toBe(true);
    expect(found.content).toEqual(content('a'));
    return found;
  };

  it('keeps every property and kind of header in a retry and as a dead letter', async () => {
    const { username } = new URL(bench.broker.amqpUrl);
    const gone = { expiration: short('60000'), userId: short(username) };
    const properties = rawProperties({ ...kept, ...gone, headers: odd });
    await raw.send(queue, properties, content('a'));
    await eventually(async () => expect(await depths()).toEqual([1, 0]), { withinMs: 20_000 });
    expect(tries).toEqual(['first 1', 'first 2']);
    const found = await expectKept(dead);
    for (const value of Object.values(gone)) expect(found.properties.includes(value)).toBe(false);
  });

  it('keeps them when it is replayed, put back, moved', async () => {
    await raw.send(queue, rawProperties({ ...kept, headers: odd }), content('a'));
    await eventually(async () => expect(await depths()).toEqual([1, 0]), { withinMs: 20_000 });
    await bench.stop();
    const { operation } = await use((deadLetters) => deadLetters.replay({}));
    const replayed = await expectKept(queue);
    expect(Object.keys(headersIn(replayed.properties))).not.toContain('x-error-code');
    await use((deadLetters) => deadLetters.undo(operation));
    const shown = await use((deadLetters) => deadLetters.show('odd'));
    expect(shown).toMatchObject([{ errorCode: 'error', attempts: 2, replays: 0 }]);
    const discarded = await use((deadLetters) => deadLetters.discard({}));
    await use((deadLetters) => deadLetters.undo(discarded.operation));
    const model = await openConnection(bench.broker.amqpUrl, 'test');
    const channel = await model.createChannel();
    await channel.assertExchange('beside', 'fanout');
    await channel.assertQueue('beside');
    await channel.bindQueue('beside', 'beside', '');
    const { signal } = new AbortController();
    expect(await moveMessages(model, { from: dead, through: 'beside', signal })).toBe(1);
    await closeConnection(model);
    await expectKept('beside');
  });
});

import { Injectable } from '@nestjs/common';
import { DeadLetters, OnRpc, OnWork, Rejected, type Message } from '@tradepost/messaging';
import { eventually } from '@tradepost/test-kit';
import { bundleType } from '../src/bundle';
import { Bench } from './bench';
import { Double, Doubled, DoWork } from './contracts';
import { long, RawClient, rawProperties, short, table, uint64 } from './raw-message';
import type { RawProperties } from './raw-message';

const seen: Message[] = [];
let thrown: unknown;

@Injectable()
class Workers {
  @OnWork(DoWork, { retry: [] })
  async handle(_: DoWork, message: Message): Promise<void> {
    seen.push(message);
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- JavaScript throws anything
    if (thrown !== undefined) throw thrown;
    return Promise.resolve();
  }

  @OnRpc(Double)
  async double({ value }: Double): Promise<Doubled> {
    return Promise.resolve({ value: value * 2 });
  }
}

const queue = 'tests.do-work';
const dead = `${queue}.dead`;
const content = Buffer.from('{"what":"a"}');
/** 300 bytes, as JavaScript sees them, of 100 that are not UTF-8. */
const notText = Buffer.alloc(100, 0xe9);

describe('properties that make no sense', () => {
  let bench: Bench;
  let raw: RawClient;

  beforeAll(async () => {
    bench = await Bench.open();
    await bench.start([Workers]);
    raw = await RawClient.open(bench.broker.amqpUrl);
  });
  afterAll(async () => {
    await raw.close();
    await bench.close();
  });
  beforeEach(() => {
    seen.splice(0);
    thrown = undefined;
  });

  const send = async (properties: RawProperties) =>
    raw.send(queue, rawProperties({ messageId: short('a'), ...properties }), content);
  const deadLetter = async () =>
    eventually(async () => {
      const all = await bench.broker.deadLetters(queue);
      const last = all.splice(0).at(-1);
      if (last === undefined) throw new Error('there is no dead letter');
      return last;
    });

  it.each<[string, bigint]>([
    ['milliseconds', 1_763_000_000_123n],
    ['microseconds', 1_763_000_000_123_456n],
    ['none', 0n],
    ['a negative number', 2n ** 64n - 1n],
    ['the year 10000', 253_402_300_800n],
  ])('a timestamp of %s is not believed, and stays in the dead letter', async (_, timestamp) => {
    thrown = new Error('broken');
    await send({ timestamp: uint64(timestamp) });
    await eventually(() => expect(seen).toHaveLength(1));
    expect(seen[0]?.timestamp).toBeUndefined();
    await eventually(async () => expect(await bench.broker.depth(dead)).toBe(1));
    const found = await raw.take(dead);
    expect(found?.properties.includes(uint64(timestamp))).toBe(true);
  });

  it('a timestamp in seconds is', async () => {
    await send({ timestamp: uint64(253_402_300_799n) });
    await eventually(() => expect(seen).toHaveLength(1));
    expect(seen[0]?.timestamp?.toISOString()).toBe('9999-12-31T23:59:59.000Z');
  });

  it('a death of an impossible time is listed without it', async () => {
    const death = long(
      Buffer.concat([
        Buffer.from('F'),
        table(['reason', 'S', long('rejected')], ['time', 'T', uint64(2n ** 63n)]),
      ]),
    );
    await raw.send(dead, rawProperties({ headers: table(['x-death', 'A', death]) }), content);
    const options = { amqpUrl: bench.broker.amqpUrl, queues: [queue], by: 'test', waitMs: 10_000 };
    const groups = await DeadLetters.use({ ...options, contractOf: () => undefined }, (all) =>
      all.list(),
    );
    await raw.take(dead);
    expect(groups).toMatchObject([{ errorCode: 'rejected', count: 1 }]);
    expect(groups[0]).not.toHaveProperty('lastFailedAt');
  });

  it.each<[string, Buffer]>([
    ['bytes that are not UTF-8', notText],
    ['U+0000, which PostgreSQL does not keep', Buffer.from('a\0b')],
  ])('an id of %s is refused at once, and kept', async (_, id) => {
    await send({ messageId: short(id) });
    await eventually(async () => expect(await bench.broker.depth(dead)).toBe(1));
    const found = await raw.take(dead);
    expect(found?.properties.includes(short(id))).toBe(true);
    expect(found?.properties.includes('missing_message_id')).toBe(true);
    expect(seen).toEqual([]);
  });

  it('an id of bytes is not lost when its dead-letter queue is gone', async () => {
    thrown = new Error('broken');
    await send({});
    await eventually(async () => expect(await bench.broker.depth(dead)).toBe(1));
    await bench.broker.deleteQueue(dead);
    await send({ messageId: short(notText) });
    await eventually(async () => expect(await bench.broker.depth(dead)).toBe(1));
    const found = await raw.take(dead);
    expect(found?.properties.includes(short(notText))).toBe(true);
  });

  it.each<[string, Buffer]>([
    ['bytes', notText],
    ['U+0000', Buffer.from('a\0b')],
  ])('a correlation id of %s begins no flow of ours', async (_, id) => {
    await send({ correlationId: short(id) });
    await eventually(() => expect(seen).toHaveLength(1));
    expect(seen[0]?.correlationId).toBeUndefined();
  });

  it.each<[string, Buffer]>([
    ['x-attempt', Buffer.from('l\xff\xff\xff\xff\xff\xff\xff\xff', 'latin1')],
    ['x-attempt', Buffer.from('d\x7f\xef\xff\xff\xff\xff\xff\xff', 'latin1')],
    ['x-first-failed-at', Buffer.concat([Buffer.from('S'), long('y'.repeat(70_000))])],
    ['traceparent', Buffer.concat([Buffer.from('S'), long('y'.repeat(70_000))])],
  ])('a header %s of nonsense does no harm', async (name, value) => {
    thrown = new Error('broken');
    const headers = table([name, value.toString('latin1', 0, 1), value.subarray(1)]);
    await send({ headers });
    const { headers: found } = await deadLetter();
    expect(found).toMatchObject({ 'x-error-message': 'broken', 'x-attempts': 1 });
  });

  it.each<[string, unknown, string]>([
    ['an error whose message is no text', Object.assign(new Error(), { message: { a: 1 } }), ''],
    [
      'an error without a name',
      Object.assign(new Error('nameless'), { name: undefined }),
      'nameless',
    ],
    ['what has no text', Object.create(null), ''],
    ['an object', { reason: 'of its own' }, 'of its own'],
  ])('%s that is thrown is written down', async (_, value, text) => {
    thrown = value;
    await send({});
    const { headers } = await deadLetter();
    expect(headers['x-error-message']).toEqual(expect.stringContaining(text));
  });

  it.each<[string, Error]>([
    ['code', new Rejected('x'.repeat(200_000), 'y'.repeat(200_000))],
    ['name', Object.assign(new Error('y'.repeat(1_001)), { name: 'X'.repeat(200_000) })],
  ])(
    'of an error whose %s has no room in a header the beginning is written down',
    async (_, error) => {
      thrown = error;
      await send({});
      const { headers } = await deadLetter();
      expect(headers).toMatchObject({
        'x-error-code': 'x'.repeat(100),
        'x-error-message': 'y'.repeat(1_000),
      });
    },
  );

  it.each<[string, object]>([
    ['id', { id: 'é'.repeat(200) }],
    ['id with U+0000', { id: 'a\0b' }],
    ['id with half a character', { id: 'a\ud800' }],
    ['type', { id: 'a', type: 't'.repeat(300) }],
    ['source', { id: 'a', source: 's'.repeat(300) }],
    ['correlation id', { id: 'a', correlationid: 'c'.repeat(300) }],
    ['trace', { id: 'a', traceparent: 't'.repeat(70_000) }],
    ['time before 1970', { id: 'a', time: '1969-01-01T00:00:00Z' }],
    ['time of no calendar', { id: 'a', time: '+200000-01-01T00:00:00Z' }],
  ])(
    'an event of a bundle that fails is dead-lettered alone, whatever its %s',
    async (_, event) => {
      thrown = new Error('broken');
      const events = [{ specversion: '1.0', data: { what: 'a' }, ...event }];
      await bench.broker.sendToQueue(queue, events, { contentType: bundleType });
      const { body, headers } = await deadLetter();
      expect(body).toEqual({ what: 'a' });
      expect(headers['x-error-code']).toMatch(/^(error|missing_message_id)$/);
    },
  );

  it('a message of a bundle keeps the headers of its bundle', async () => {
    thrown = new Error('broken');
    const events = [{ specversion: '1.0', id: 'a', data: { what: 'a' } }];
    const headers = { tenant: 'one', traceparent: 'of the bundle' };
    await bench.broker.sendToQueue(queue, events, { contentType: bundleType, headers });
    const found = await deadLetter();
    expect(found.headers).toMatchObject({ tenant: 'one', 'cloudEvents:id': 'a' });
    expect(found.headers).not.toHaveProperty('traceparent');
    expect(found.properties.contentType).toBe('application/json');
  });

  it('a question is answered under its own correlation id, byte for byte', async () => {
    const answers = 'answers';
    await bench.broker.declareQueue(answers);
    const asked = { correlationId: short(notText), replyTo: short(answers) };
    const ask = async (value: unknown) => {
      await raw.send('tests.double', rawProperties(asked), Buffer.from(JSON.stringify({ value })));
      return eventually(async () => {
        const found = await raw.take(answers);
        if (found === undefined) throw new Error('there is no answer');
        return found;
      });
    };
    const answer = await ask(2);
    expect(answer.content.toString()).toBe('{"value":4}');
    expect(answer.properties.includes(short(notText))).toBe(true);
    // A refusal is told from an answer by its header.
    expect((await ask('two')).properties.includes('invalid_body')).toBe(true);
  });
});

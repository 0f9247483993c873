import { connect, type Channel, type Options } from 'amqplib';
import { array, assert, constantFrom, integer, oneof, option, record, string } from 'fast-check';
import { dictionary, property, uint8Array } from 'fast-check';
import { TestBroker } from '@tradepost/test-kit';
import { publishFrames } from '../src/connection/publish-frames';

interface Internals {
  ch: number;
  connection: { channels: { buffer: { write: (bytes: Buffer) => boolean } }[] };
}

/** What amqplib itself writes for a message. */
function framesOf(channel: Channel, publish: () => void): Buffer {
  const { ch, connection } = channel as unknown as Internals;
  const slot = connection.channels[ch];
  if (slot === undefined) throw new Error('the channel has no buffer');
  const { buffer } = slot;
  const written: Buffer[] = [];
  slot.buffer = { write: (bytes) => written.push(bytes) > 0 };
  publish();
  slot.buffer = buffer;
  return Buffer.concat(written);
}

const manyHeaders = Object.fromEntries(
  Array.from({ length: 300 }, (_, n) => [`h${n}`, 'x'.repeat(60)]),
);

describe('the frames of a message', () => {
  let broker: TestBroker;
  beforeAll(async () => (broker = await TestBroker.create()));
  afterAll(() => broker.close());

  it('are those of amqplib, byte for byte, or are left to it', async () => {
    const model = await connect(broker.amqpUrl);
    const channel = await model.createChannel();
    const { ch } = channel as unknown as Internals;
    let encoded = 0;
    const short = string({ unit: 'binary', maxLength: 60 });
    const maybe = option(short, { nil: undefined });
    const whole = integer({ min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER });
    const text = oneof(string({ maxLength: 300 }), short);
    const header = oneof(text, text, whole, integer(), integer({ min: -300, max: 300 }));
    const rare = oneof(header, header, constantFrom(undefined, true, null, 1.5, ['a']));
    const given = record({
      exchange: short,
      routingKey: short,
      content: uint8Array({ maxLength: 3_000 }),
      headers: option(dictionary(short, rare, { maxKeys: 6 }), { nil: undefined }),
      texts: array(maybe, { minLength: 6, maxLength: 6 }),
      timestamp: option(integer({ min: 0, max: 2 ** 40 }), { nil: undefined }),
      mandatory: constantFrom(true, false, undefined),
    });
    const isTheSame = property(given, ({ exchange, routingKey, content, texts, ...rest }) => {
      const [contentType, correlationId, replyTo, messageId, type, appId] = texts;
      const { headers, timestamp, mandatory } = rest;
      const ids = { contentType, correlationId, replyTo, messageId, type, appId, timestamp };
      const properties = { ...ids, headers, expiration: '1000' };
      const fields = { exchange, routingKey, mandatory, deliveryMode: mandatory ? 2 : undefined };
      const body = Buffer.from(content);
      const ours = publishFrames(ch, fields, properties, body, 131_072);
      if (ours === undefined) return;
      encoded += 1;
      const persistent = mandatory ? true : undefined;
      const options: Options.Publish = { ...properties, mandatory, persistent };
      const theirs = framesOf(channel, () => channel.publish(exchange, routingKey, body, options));
      expect(ours.equals(theirs)).toBe(true);
    });
    assert(isTheSame, { numRuns: 2_000 });
    expect(encoded).toBeGreaterThan(500);
    await model.close();
  });

  it.each<[string, object, number]>([
    ['a header that is no text or whole number', { headers: { a: [1] } }, 10],
    ['a property that is too long', { messageId: 'é'.repeat(200) }, 10],
    ['headers beyond the buffer', { headers: { a: 'é'.repeat(9_000) } }, 10],
    ['many short headers beyond the buffer', { headers: manyHeaders }, 10],
    ['a time before 1970', { timestamp: -1 }, 10],
    ['a time that is no whole number', { timestamp: 1.5 }, 10],
    ['a time that no double holds', { timestamp: 2 ** 53 }, 10],
    ['a large content', {}, 20_000],
    ['another property of amqplib', { priority: 1 }, 10],
  ])('are left to amqplib with %s', (_, properties, length) => {
    const place = { exchange: '', routingKey: 'a' };
    expect(publishFrames(1, place, properties, Buffer.alloc(length), 131_072)).toBeUndefined();
  });
});

import fc from 'fast-check';
import { bundleOf, bundleType, eventLine, eventsOf, inBundles } from '../src/bundle';
import type { Delivery } from '../src/consume/delivery';
import { openBundle } from '../src/consume/open-bundle';
import type { Envelope } from '../src/envelope';
import { BadJson } from '../src/errors';
import type { Wiring } from '../src/handlers/handler';

const envelope = (messageId: string, correlationId = messageId): Envelope => ({
  messageId,
  type: 'Happened',
  timestamp: new Date('2026-01-02T03:04:05.678Z'),
  correlationId,
});

/** As it lies on the broker. */
const asMessage = (content: string) =>
  ({ content: Buffer.from(content), properties: { contentType: bundleType } }) as never;

describe('a bundle', () => {
  it('is a list of CloudEvents 1.0 in the JSON format, with what is traced', () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const lines = [
      eventLine(envelope('a'), '{"n":1}'),
      eventLine({ ...envelope('b', 'a'), traceparent }, '{"n":2}'),
    ];
    const common = { specversion: '1.0', source: '/orders', type: 'Happened' };
    const time = '2026-01-02T03:04:05.678Z';
    expect(JSON.parse(bundleOf(lines.join('\n'), 'orders'))).toEqual([
      { ...common, time, id: 'a', correlationid: 'a', data: { n: 1 } },
      { ...common, time, id: 'b', correlationid: 'a', traceparent, data: { n: 2 } },
    ]);
  });

  it('gives back whatever was sent, line feeds and all', () => {
    const texts = fc.array(fc.string({ unit: 'binary' }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(texts, fc.string({ unit: 'binary' }), (values, correlationId) => {
        const lines = values.map((value, index) =>
          eventLine(envelope(String(index), correlationId), JSON.stringify({ value })),
        );
        const events = eventsOf(asMessage(bundleOf(lines.join('\n'), 'orders')));
        expect(events.map(({ data }) => data)).toEqual(values.map((value) => ({ value })));
        expect(new Set(events.map(({ correlationid }) => correlationid)).size).toBe(1);
      }),
    );
  });

  it.each([
    ['short messages, 16 each', Array.from({ length: 40 }, () => 20), [16, 16, 8]],
    [
      'messages of 1,000 characters, in 7,000 with all else',
      [...Array(12).keys()].map(() => 1_000),
      [5, 5, 2],
    ],
    ['a message that is longer than a bundle may be, alone', [100, 9_000, 100, 100], [1, 1, 2]],
    ['what fills a bundle to its last character', [3_270, 3_270, 1], [2, 1]],
    ['nothing', [], []],
  ])('takes %s', (_what, lengths, sizes) => {
    const messages = lengths.map((length, index): [Envelope, string] => [
      envelope(String(index)),
      'x'.repeat(length),
    ]);
    const bundles = inBundles(messages);
    expect(bundles.map(({ length }) => length)).toEqual(sizes);
    expect(bundles.flat()).toEqual(messages);
  });

  it.each(['{"id": 1}', '[1]', '[[]]', '[null]', 'null', '[{]'])('is not %s', (content) => {
    expect(() => eventsOf(asMessage(content))).toThrow(BadJson);
  });

  it('is acked with the last of its messages, each of which is held no more once it ends', () => {
    const ends: string[] = [];
    const bundle = {
      raw: asMessage('[{"id":"a"},{"id":"b"},{"id":"c"}]'),
      ack: () => ends.push('ack'),
      requeue: () => ends.push('back'),
    } as unknown as Delivery;
    const parts = openBundle(bundle, { queue: 'tests', retry: [] } as unknown as Wiring);
    expect(bundle.parts).toBe(parts);
    for (const part of parts) part.heldSince = 1;
    const [a, b, c] = parts;
    for (const part of [a, a, b]) part?.ack();
    expect(parts.map(({ heldSince }) => heldSince)).toEqual([undefined, undefined, 1]);
    expect(ends).toEqual([]);
    c?.requeue();
    expect(c?.heldSince).toBeUndefined();
    c?.ack();
    c?.ack();
    expect(ends).toEqual(['back', 'ack']);
  });
});

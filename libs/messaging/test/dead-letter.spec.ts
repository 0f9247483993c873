import type { ConsumeMessage } from 'amqplib';
import { deadLetterOf, detailsOf, isSelected } from '../src/dead-letters/dead-letter';
import { DeadLetterGroups, DeadLetterPage } from '../src/dead-letters/lists';
import { OperationInterrupted, Progress } from '../src/dead-letters/operation';
import type { DeadLetter, Selection } from '../src/dead-letters/shapes';
import { PublishRefused, PublishUnknown } from '../src/errors';

const letter = (properties: object, content: Buffer = Buffer.from('{}')) =>
  ({ properties, content }) as ConsumeMessage;

describe('a dead letter as operators see it', () => {
  it('of a message with nothing but its content has an id, and says that nothing is known', () => {
    const found = deadLetterOf(letter({}), 'q.dead');
    expect(found).toEqual({
      id: 'sha-44136fa355b3678a',
      queue: 'q',
      replays: 0,
      errorCode: 'unknown',
      errorMessage: 'dead-lettered by the broker: unknown',
      handler: '-',
    });
    expect(deadLetterOf(letter({}, Buffer.from('[]')), 'q.dead').id).not.toBe(found.id);
  });

  it('has what its failure wrote; what another library wrote in another way is missing', () => {
    const headers = {
      'x-handler': 'H.h',
      'x-error-code': 'late',
      'x-error-message': 'too late',
      'x-attempts': 3,
      'x-replays': 2,
      'x-first-failed-at': 'a',
      'x-last-failed-at': 'b',
      traceparent: '00-1',
    };
    const common = { id: 'm', queue: 'q', handler: 'H.h' };
    expect(deadLetterOf(letter({ messageId: 'm', type: 'T', headers }), 'q.dead')).toEqual({
      ...common,
      ...{ type: 'T', errorCode: 'late', errorMessage: 'too late', attempts: 3, replays: 2 },
      ...{ firstFailedAt: 'a', lastFailedAt: 'b', traceparent: '00-1' },
    });
    const strange = { 'x-handler': 'H.h', 'x-error-code': 7, 'x-attempts': 'many' };
    expect(deadLetterOf(letter({ messageId: 'm', headers: strange }), 'q.dead')).toEqual({
      ...common,
      ...{ errorCode: 'unknown', errorMessage: '', replays: 0 },
    });
  });

  it.each([
    [[{ reason: 'delivery_limit', time: { value: 1 } }], 'delivery_limit', /process died/, 1_000],
    [[{ reason: 'expired' }, { reason: 'rejected' }], 'expired', /broker: expired$/, undefined],
    [[{ reason: 7 }], 'unknown', /broker: unknown$/, undefined],
    ['rejected', 'unknown', /broker: unknown$/, undefined],
  ])('that the broker gave up, as %j, has the last reason', (death, errorCode, words, at) => {
    const headers = { 'x-death': death };
    expect(deadLetterOf(letter({ headers }), 'q.dead')).toMatchObject({
      errorCode,
      errorMessage: expect.stringMatching(words),
      handler: '-',
      lastFailedAt: at === undefined ? undefined : new Date(at).toISOString(),
    });
  });

  it('has its body as text, or in base64 when that is none', () => {
    const of = (properties: object, content: Buffer) => {
      const raw = letter(properties, content);
      return detailsOf(raw, deadLetterOf(raw, 'q.dead'));
    };
    expect(of({}, Buffer.from('{"a":1}'))).toMatchObject({ body: '{"a":1}', headers: {} });
    expect(of({}, Buffer.from('{"a":1}'))).not.toMatchObject({ bodyEncoding: 'base64' });
    expect(of({}, Buffer.of(0xff))).toMatchObject({ body: '/w==', bodyEncoding: 'base64' });
    const gzip = { contentEncoding: 'gzip' };
    expect(of(gzip, Buffer.from('abc'))).toMatchObject({ body: 'YWJj', bodyEncoding: 'base64' });
  });

  it('is selected by its id, queue, code, contract, time, body and error, by all that are given', () => {
    const failedAt = { lastFailedAt: '2026-11-26T10:00:00.000Z' };
    const error = { errorCode: 'late', errorMessage: 'The bank is closed' };
    const one = { id: 'm', queue: 'q', type: 'Pay', ...error, ...failedAt } as DeadLetter;
    const raw = letter({}, Buffer.from('{"orderId":"o-1","lines":[{"sku":"MUG","quantity":2}]}'));
    const selections: Selection[] = [
      {},
      { ids: ['l', 'm'] },
      { queue: 'q' },
      { queue: 'q.dead' },
      { code: 'late' },
      { ids: ['m'], queue: 'q', code: 'late' },
      { type: 'Pay' },
      { field: { orderId: 'o-1' } },
      { field: { sku: 'MUG', quantity: '2' } },
      { q: 'BANK is' },
      { q: '"mug"' },
      { from: '2026-11-26T10:00:00Z', to: '2026-11-26T11:00+00:00' },
    ];
    for (const selection of selections) {
      expect([selection, isSelected(selection, one, raw)]).toEqual([selection, true]);
    }
    const others: Selection[] = [
      { ids: [] },
      { ids: ['l'], queue: 'q', code: 'late' },
      { ids: ['m'], queue: 'p', code: 'late' },
      { ids: ['m'], queue: 'q', code: 'early' },
      { type: 'Refund' },
      { field: { orderId: 'o' } },
      { field: { sku: 'MUG', quantity: '3' } },
      { q: 'teapot' },
      { from: '2026-11-26T10:00:01Z' },
      { to: '2026-11-26T10:00:00Z' },
    ];
    for (const selection of others) {
      expect([selection, isSelected(selection, one, raw)]).toEqual([selection, false]);
    }
  });
});

describe('the search in dead letters', () => {
  it('finds no field in what is no JSON, but its text', () => {
    const raw = letter({}, Buffer.from('not { JSON'));
    const one = deadLetterOf(raw, 'q.dead');
    expect(isSelected({ field: { a: '1' } }, one, raw)).toBe(false);
    expect(isSelected({ q: 'json' }, one, raw)).toBe(true);
    const withoutTime = isSelected({ from: '2026-11-26T10:00:00Z' }, one, raw);
    expect(withoutTime).toBe(false);
  });
});

describe('lists of dead letters', () => {
  const base = { id: 'm', queue: 'q', errorCode: 'late', handler: 'H.h' } as DeadLetter;

  it('count by queue, code and handler, the largest of a queue first, with the first and last time', () => {
    const groups = new DeadLetterGroups();
    groups.add({ ...base, queue: 'r' });
    groups.add({ ...base, errorCode: 'early' });
    groups.add({ ...base, firstFailedAt: '3', lastFailedAt: '4' });
    groups.add(base);
    groups.add({ ...base, firstFailedAt: '1', lastFailedAt: '2' });
    groups.add({ ...base, lastFailedAt: '5' });
    groups.add({ ...base, firstFailedAt: '0' });
    groups.add({ ...base, queue: 'r', handler: 'I.i', lastFailedAt: '7' });
    groups.add({ ...base, queue: 'r', handler: 'I.i', firstFailedAt: '8' });
    expect(groups.all()).toMatchObject([
      { queue: 'q', errorCode: 'late', handler: 'H.h', count: 5, ...between('0', '5') },
      { queue: 'q', errorCode: 'early', handler: 'H.h', count: 1 },
      { queue: 'r', errorCode: 'late', handler: 'I.i', count: 2, ...between('7', '8') },
      { queue: 'r', errorCode: 'late', handler: 'H.h', count: 1 },
    ]);
  });

  it('say how many failed in each of the last 24 hours', () => {
    const groups = new DeadLetterGroups();
    const ago = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString();
    for (const hours of [0.5, 0.6, 3.5, 23.5, 25])
      groups.add({ ...base, lastFailedAt: ago(hours) });
    const [{ trend = [] } = {}] = groups.all();
    expect(trend).toHaveLength(24);
    expect([trend[23], trend[20], trend[0]]).toEqual([2, 1, 1]);
    expect(trend.reduce((sum, one) => sum + one, 0)).toBe(4);
  });

  it('come in pages by queue and id, each once, and hold little more than a page', () => {
    const all = ['b', 'a'].flatMap((queue) =>
      ['3', '1', '4', '5', '2', '1'].map((id) => ({ ...base, queue, id, body: '', headers: {} })),
    );
    const pageAfter = (after?: { queue: string; id: string }) => {
      const page = new DeadLetterPage(after, 4);
      for (const one of all) page.add(one);
      return page.all().map(({ queue, id }) => queue + id);
    };
    expect(pageAfter()).toEqual(['a1', 'a2', 'a3', 'a4']);
    expect(pageAfter({ queue: 'a', id: '4' })).toEqual(['a5', 'b1', 'b2', 'b3']);
    expect(pageAfter({ queue: 'b', id: '3' })).toEqual(['b4', 'b5']);
    expect(pageAfter({ queue: 'b', id: '5' })).toEqual([]);

    const page = new DeadLetterPage(undefined, 2);
    const { kept } = page as unknown as { kept: Map<string, unknown> };
    for (const one of all) {
      page.add(one);
      expect(kept.size).toBeLessThanOrEqual(4);
    }
  });
});

describe('the progress of an operation', () => {
  const one = { id: 'm', deadQueue: 'q.dead' };

  it('goes on with what stays, and ends where the broker confirms no more', async () => {
    const progress = new Progress(7);
    await progress.settle(one, async () => Promise.resolve());
    await progress.settle(one, async () => Promise.reject(new PublishRefused('full')));
    expect(() => progress.throwIfUnconfirmed()).not.toThrow();
    await progress.settle(one, async () => Promise.reject(new PublishUnknown(10)));
    expect(() => progress.throwIfUnconfirmed()).toThrow(OperationInterrupted);
    expect(progress.done).toBe(1);
    expect(progress.stayed).toEqual([
      { id: 'm', queue: 'q', problem: 'full' },
      { id: 'm', queue: 'q', problem: expect.stringContaining('did not confirm') },
    ]);
  });
});

function between(firstFailedAt: string, lastFailedAt: string) {
  return { firstFailedAt, lastFailedAt };
}

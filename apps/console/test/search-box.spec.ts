import { readDeadLetterSearch, searchParams } from '../page/search/dead-letter-search';
import { readLogSearch } from '../page/search/log-search';
import { termsOf, termText, withoutTerm, withTerm } from '../page/search/terms';
import { momentOf } from '../page/search/times';

const now = Date.parse('2026-11-26T12:00:00.000Z');

describe('the search box of dead letters', () => {
  const searched = (text: string) => readDeadLetterSearch(text, now).search;

  it('understands queue, code, id and contract', () => {
    expect(
      searched('queue:payments.charge-payment code:gateway_timeout id:m-1 contract:ChargePayment'),
    ).toEqual({
      queue: 'payments.charge-payment',
      code: 'gateway_timeout',
      id: 'm-1',
      type: 'ChargePayment',
    });
  });

  it('takes every other key as a field of the body, and the known ones with field. before them', () => {
    expect(searched('orderId:o-1 field.queue:x field.code:7')).toEqual({
      field: { orderId: 'o-1', queue: 'x', code: '7' },
    });
  });

  it('takes the words as one text, in quotes or not', () => {
    expect(searched('gateway code:a timed out').q).toBe('gateway timed out');
    expect(searched('"a: b" TypeError: http://gateway/').q).toBe('a: b TypeError: http://gateway/');
    expect(searched(String.raw`"say \"hi\""`).q).toBe('say "hi"');
    expect(searched('name:"Ada Example"').field).toEqual({ name: 'Ada Example' });
  });

  it('understands times', () => {
    expect(searched('since:2h until:15m')).toEqual({
      from: '2026-11-26T10:00:00.000Z',
      to: '2026-11-26T11:45:00.000Z',
    });
  });

  it('says what it leaves out, and searches for the rest', () => {
    const { search, problems } = readDeadLetterSearch(
      'queue:a queue:b since:yesterday f:1 f:2',
      now,
    );
    expect(search).toEqual({ queue: 'a', field: { f: '1' } });
    expect(problems).toHaveLength(3);
    expect(readDeadLetterSearch('a:1 b:1 c:1 d:1 e:1 f:1', now).problems).toEqual([
      'f:1 is left out: a search has at most 5 fields',
    ]);
  });

  it('is not fooled by names that every object has', () => {
    expect(searched('constructor:x toString:y')).toEqual({
      field: { constructor: 'x', toString: 'y' },
    });
  });

  it('becomes the query that the server takes', () => {
    const { search } = readDeadLetterSearch('code:a orderId:o-1 "b c"', now);
    expect(searchParams({ ...search }).toString()).toBe('q=b+c&code=a&field.orderId=o-1');
  });
});

describe('the search box of logs', () => {
  it('understands level, service, trace, fields, words and time', () => {
    expect(
      readLogSearch('level:warning service:orders trace:abc orderId:o-1 is overdue since:1h', now)
        .search,
    ).toEqual({
      level: 'warning',
      service: 'orders',
      traceId: 'abc',
      field: { orderId: 'o-1' },
      q: 'is overdue',
      from: '2026-11-26T11:00:00.000Z',
    });
  });

  it('knows no other levels', () => {
    const { search, problems } = readLogSearch('level:loud', now);
    expect(search).toEqual({});
    expect(problems).toHaveLength(1);
  });
});

describe('terms', () => {
  it('are written so that they are read the same', () => {
    for (const value of ['plain', 'two words', 'a"b', String.raw`a\b`, '', 'key:value', '"', ' ']) {
      expect(termsOf(termText('key', value))).toEqual([
        expect.objectContaining({ key: 'key', value }),
      ]);
      expect(termsOf(termText(undefined, value))).toEqual([
        { value, text: termText(undefined, value) },
      ]);
    }
  });

  it('replace one another by key', () => {
    expect(withTerm('code:a words queue:b', 'queue', 'c d')).toBe('code:a words queue:"c d"');
    expect(withTerm('code:a words', 'code', undefined)).toBe('words');
    expect(withoutTerm('code:a "two words" queue:b', 1)).toBe('code:a queue:b');
  });
});

describe('moments', () => {
  it('are in the zone of the reader where they name none', () => {
    expect(momentOf('2026-11-26', now)).toBe(new Date(2026, 10, 26).toISOString());
    expect(momentOf('2026-11-26T09:30', now)).toBe(new Date(2026, 10, 26, 9, 30).toISOString());
    expect(momentOf('2026-11-26T09:30Z', now)).toBe('2026-11-26T09:30:00.000Z');
    expect(new Date(momentOf('09:30', now) ?? '').getHours()).toBe(9);
  });

  it('are nothing else', () => {
    for (const text of ['', 'soon', '25:00', '2026-13-01', '2h30', '-1h']) {
      expect(momentOf(text, now)).toBeUndefined();
    }
  });
});

import type { ConsumeMessage } from 'amqplib';
import { encodingOf, plainContent } from '../src/content';
import { inFlowOf } from '../src/context';
import { countHeader, newEnvelope, numberHeader, stringHeader, timeOf } from '../src/envelope';
import { UnknownEncoding } from '../src/errors';
import type { Wiring } from '../src/handlers/handler';
import { failures, Message, messageIdOf } from '../src/message';
import { utf8Text } from '../src/utf8';

const wiring = { kind: 'work', queue: 'q', retry: ['1s', '1s'] } as unknown as Wiring;
const raw = (properties: object, redelivered = false) =>
  ({ properties, fields: { redelivered }, content: Buffer.from('{}') }) as ConsumeMessage;

describe('a message', () => {
  it('has what its sender and its retries wrote', () => {
    const headers = { traceparent: '00-1', 'x-attempt': 3 };
    const given = { messageId: 'm', type: 'T', appId: 's', correlationId: 'c', timestamp: 1 };
    expect({ ...Message.from(raw({ ...given, headers }, true), wiring) }).toEqual({
      ...{ id: 'm', type: 'T', queue: 'q', attempt: 3, attemptsMax: 3, appId: 's' },
      ...{ correlationId: 'c', traceparent: '00-1', timestamp: new Date(1_000) },
      redelivered: true,
    });
  });

  it('that has nothing gets an id of its own, and is at its first attempt', () => {
    const [one, other] = [1, 2].map(() => Message.from(raw({}), wiring));
    expect(one).toMatchObject({ type: '', attempt: 1, redelivered: false });
    expect(one?.id).toMatch(/^[0-9a-f-]{36}$/);
    expect(other?.id).not.toBe(one?.id);
  });

  it.each([undefined, '', 7, 'a\uFFFD', 'a\u0000'])('that has the id %j has none', (messageId) => {
    expect(messageIdOf(raw({ messageId }))).toBeUndefined();
  });

  it('is at its last attempt when no retry is left; one that is asked has one', () => {
    const isLast = (attempt: number, of = wiring) =>
      Message.from(raw({ headers: { 'x-attempt': attempt } }), of).isLastAttempt;
    expect([1, 2, 3, 4].map((attempt) => isLast(attempt))).toEqual([false, false, true, true]);
    expect(isLast(1, { ...wiring, kind: 'rpc' })).toBe(true);
  });

  it('of a bundle has what the bundle says of it, as far as a property can hold it', () => {
    const event = { id: 'm', type: 'T', source: '/s', correlationid: 'c', traceparent: '00-1' };
    const time = '1970-01-01T00:00:01.900Z';
    expect({ ...Message.fromEvent({ ...event, time }, wiring) }).toEqual({
      ...{ id: 'm', type: 'T', queue: 'q', attempt: 1, attemptsMax: 3, appId: 's' },
      ...{ correlationId: 'c', traceparent: '00-1', timestamp: new Date(1_000) },
      redelivered: false,
    });
    const [fits, long] = ['é'.repeat(127), 'é'.repeat(128)];
    expect(Message.fromEvent({ id: `${fits}x` }, wiring).id).toBe(`${fits}x`);
    for (const id of [long, 7, undefined]) {
      const message = Message.fromEvent({ id, type: long, time: 7 }, wiring);
      expect(message.id).toMatch(/^[0-9a-f-]{36}$/);
      expect(message).toMatchObject({ type: '', appId: undefined, timestamp: undefined });
    }
  });

  it('of a batch failed by the error at its place', () => {
    const batch = ['a', 'b', 'c'].map((id) => ({ message: { id } as Message }));
    const error = new Error('no');
    expect(failures(batch, [undefined, error])).toEqual([{ message: { id: 'b' }, error }]);
  });
});

describe('what is read of a message', () => {
  it('is a whole number from 1 on, a number, a text, or nothing', () => {
    const values = [1, 7, 0, -1, 1.5, 2 ** 53, '1', NaN, Infinity, null, undefined];
    const of = (read: typeof countHeader) => values.map((h) => read({ h }, 'h'));
    const nothing = (n: number) => Array.from({ length: n }, () => undefined);
    expect(of(countHeader)).toEqual([1, 7, ...nothing(9)]);
    expect(of(numberHeader)).toEqual([1, 7, 0, -1, 1.5, 2 ** 53, ...nothing(5)]);
    expect(values.map((h) => stringHeader({ h }, 'h'))).toEqual([
      ...nothing(6),
      '1',
      ...nothing(4),
    ]);
    for (const read of [countHeader, numberHeader, stringHeader]) {
      expect(read(undefined, 'h')).toBeUndefined();
    }
  });

  it('is a time from epoch seconds, up to the year 9999', () => {
    expect(timeOf(1)).toEqual(new Date(1_000));
    expect(timeOf(253_402_300_799)?.toISOString()).toBe('9999-12-31T23:59:59.000Z');
    for (const none of [0, -1, 253_402_300_800, '1', undefined])
      expect(timeOf(none)).toBeUndefined();
  });

  it('is content in no encoding', () => {
    const of = (contentEncoding?: string) => raw({ contentEncoding });
    for (const plain of [undefined, '', 'identity', 'UTF-8', 'utf8', 'US-ASCII']) {
      expect(encodingOf(of(plain))).toBeUndefined();
      expect(plainContent(of(plain)).toString()).toBe('{}');
    }
    expect(() => plainContent(of('gzip'))).toThrow(new UnknownEncoding('gzip'));
  });

  it('is text in UTF-8, without a byte order mark', () => {
    expect(utf8Text(Buffer.from('\uFEFF\uFEFFé'))).toBe('\uFEFFé');
    expect(utf8Text(Buffer.from('é'))).toBe('é');
    expect(utf8Text(Buffer.of(0xe9))).toBeUndefined();
  });
});

it('a new message begins a flow, or is a step of the one that runs', () => {
  const alone = newEnvelope('T');
  expect(alone).toMatchObject({ type: 'T', correlationId: alone.messageId });
  expect(alone.traceparent).toBeUndefined();
  const step = inFlowOf({ id: 'm' }, () => newEnvelope('T'));
  expect(step.correlationId).toBe('m');
  expect(step.traceparent).toMatch(/^00-/);
  expect(step.messageId).not.toBe(alone.messageId);
});

import type { ConsoleConfig } from '../src/console.config';
import { selectionFor } from '../src/dead-letters/selection';
import { recordsOf } from '../src/operations/read-operations';
import { SignIn } from '../src/session/sign-in';
import { eventOf } from '../src/upstream/event-source';
import { readServices } from '../src/upstream/read-services';

const configOf = (OPS_TOKEN: string, CONSOLE_OPEN = false) =>
  ({ AUTH: 'none', OPS_TOKEN, CONSOLE_OPEN }) as ConsoleConfig;

describe('signing in', () => {
  const now = Date.parse('2026-11-26T12:00:00Z');
  const token = 'a-token-of-sixteen';
  const signIn = new SignIn(configOf(token));
  const until = now + 12 * 3_600_000;
  const [cookie] = signIn.cookie({ until }, true, now).split(';');

  it('counts for twelve hours', async () => {
    expect(await signIn.enter(token, now)).toEqual({ until });
    expect(signIn.sessionIn(`a=b; ${cookie}`, until - 1)).toEqual({ until });
    expect(signIn.sessionIn(cookie, until)).toBeUndefined();
  });

  it('ends with the token', () => {
    expect(new SignIn(configOf('another-token-here')).sessionIn(cookie, now)).toBeUndefined();
  });

  it('says whose it is', () => {
    const [of] = signIn.cookie({ until, caller: 'анна|1;' }, true, now).split(';');
    expect(signIn.sessionIn(of, now)).toEqual({ until, caller: 'анна|1;' });
  });

  it('is not to be made up', () => {
    const later = cookie?.replace(/=\d+/, `=${now * 2}`);
    const of = cookie?.replace('..', '.YW5uYQ.');
    expect([later, of]).not.toContain(cookie);
    for (const made of [
      later,
      of,
      'tradepost_console=',
      'tradepost_console=1.1',
      'tradepost_console=1.1.1',
      '',
      undefined,
    ]) {
      expect(signIn.sessionIn(made, now)).toBeUndefined();
    }
  });

  it('has a cookie that no script reads and no other site sends', () => {
    const attributes = /; Max-Age=43200; HttpOnly; SameSite=Strict; Secure$/;
    expect(signIn.cookie({ until }, true, now)).toMatch(attributes);
  });
});

describe('SERVICES', () => {
  it('names services and their addresses, one several times', () => {
    const text = 'orders=http://orders:3000/, payments=http://a:1,payments=http://b:2';
    expect(readServices(text)).toEqual({
      addresses: [
        { name: 'orders', url: 'http://orders:3000' },
        { name: 'payments', url: 'http://a:1' },
        { name: 'payments', url: 'http://b:2' },
      ],
    });
  });

  it.each(['', 'orders', 'orders=ftp://x', 'orders=http://', 'Or ders=http://x:1'])(
    'is refused as "%s"',
    (text) => {
      expect(readServices(text).problem).toContain('must be name=http://host:port');
    },
  );
});

it('reads an event, and no comment', () => {
  expect(eventOf('event: steps\ndata: {"a":\ndata: 1}')).toEqual({
    event: 'steps',
    data: '{"a":\n1}',
  });
  expect(eventOf(':')).toBeUndefined();
  expect(eventOf('retry: 1000')).toBeUndefined();
});

it('asks services for a dead letter by its id as for one of several', () => {
  const search = { type: 'ChargePayment', q: 'x' };
  expect(selectionFor({ ...search, id: 'm' })).toEqual({ ...search, ids: ['m'] });
  expect(selectionFor({ id: 'm', ids: ['n'] })).toEqual({ ids: ['n', 'm'] });
  expect(selectionFor(search)).toEqual(search);
});

it('lists an operation once, and offers to undo what was done and not undone', () => {
  const common = { by: 'console', at: '2026-11-26T12:00:00Z', taken: 0 };
  const replay = { ...common, operation: 3, action: 'replay' as const, done: 412 };
  const selection = { queue: 'payments.charge-payment', code: 'gateway_timeout' };
  const discard = { ...common, operation: 5, action: 'discard' as const, done: 1, stayed: 2 };
  const undo = { ...common, operation: 9, action: 'undo' as const, of: 5, done: 1 };
  const items = [{ ...replay, selection, taken: 412 }, discard, undo];
  const records = recordsOf([
    { name: 'orders', answer: { items: [{ ...replay, selection }] } },
    { name: 'payments', answer: { items } },
  ]);
  expect(
    records.map(({ service, text, outcome, undo: of }) => [service, text, outcome, of]),
  ).toEqual([
    [
      'payments',
      '412 messages of payments.charge-payment, code gateway_timeout',
      'done',
      { service: 'payments', operation: 3 },
    ],
    ['payments', '1 message', '1 done, 2 stayed', undefined],
    ['payments', 'operation 5', 'done', undefined],
  ]);
});

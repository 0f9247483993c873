import { appNames } from '../../../apps/services';
import { Callers } from '../http/callers';
import { Answers } from '../http/answers';
import { BodyJudge } from '../http/body-judge';
import { httpCase, type Asked, type HttpCase } from '../http/case';
import { httpFindings } from '../http/judge';
import { apis as allApis } from '../http/operations';
import { Accounts } from '../messages/accounts';
import type { MessageCase } from '../messages/case';
import { MessageJudge } from '../messages/message-judge';
import { commandOf, readOptions } from '../options';
import { OddValues } from '../values/odd';

const apis = allApis();
const users = apis.find(({ service }) => service === 'users');
if (!users) throw new Error('users has no document');
const asked: Asked = {
  method: 'GET',
  path: '/v1/users',
  bytes: Buffer.from('GET'),
  expects: 'any',
  caller: 'any',
};
const one: HttpCase = { at: 'http:1', service: 'users', asked: [asked], isBroken: false };

/** The properties that an answer breaks. */
function broken(text: string, more: Partial<Asked> = {}): string[] {
  const sent = { ...asked, ...more };
  const answers = new Answers([sent.method]);
  answers.add(Buffer.from(text));
  answers.end();
  const outcome = { answers: answers.all, end: 'answered' as const, tookMs: 1 };
  return httpFindings({ ...one, asked: [sent] }, outcome, users as NonNullable<typeof users>).map(
    ({ property }) => property,
  );
}

function answer(status: number, body: object | string, type = 'application/json'): string {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const head = [
    `HTTP/1.1 ${status} X`,
    `content-type: ${type}`,
    `content-length: ${Buffer.byteLength(text)}`,
  ];
  return `${head.join('\r\n')}\r\n\r\n${text}`;
}

const problem = (status: number, detail = 'x') =>
  answer(
    status,
    { type: 'https://tradepost.dev/problems/invalid-request', title: 'x', status, detail },
    'application/problem+json',
  );

const internal = {
  type: 'https://tradepost.dev/problems/internal-error',
  title: 'Something went wrong here',
  status: 500,
};

describe('an answer', () => {
  it('as the document has it is none to find', () => {
    expect(broken(answer(200, { items: [], nextCursor: null }))).toEqual([]);
    expect(broken(problem(400))).toEqual([]);
  });

  it.each([
    ['no-5xx', answer(500, internal, 'application/problem+json'), {}],
    ['no-stack', problem(400, 'Error\n    at find (/app/dist/apps/users.js:3:7)'), {}],
    ['no-stack', problem(400, 'syntax error at or near "x"'), {}],
    ['as-documented', answer(200, { items: [] }), {}],
    ['as-documented', answer(200, '{"items":', 'application/json'), {}],
    ['bad-is-refused', answer(200, { items: [], nextCursor: null }), { expects: 'refused' }],
    ['good-is-taken', problem(400), { expects: 'taken' }],
    ['token-is-judged', answer(200, { items: [], nextCursor: null }), { caller: 'unknown' }],
    ['token-is-judged', answer(200, { items: [], nextCursor: null }), { caller: 'forbidden' }],
    ['token-is-judged', problem(400), { caller: 'forbidden' }],
  ] satisfies [string, string, Partial<Asked>][])('%s', (property, text, more) => {
    expect(broken(text, more)).toEqual([property]);
  });

  it.each([
    ['no-hung-request', 'hung'],
    ['answered', 'closed'],
    ['http', 'garbled'],
  ] as const)('%s: there is none', (property, end) => {
    const found = httpFindings(one, { answers: [], end, tookMs: 1 }, users);
    expect(found.map((finding) => finding.property)).toEqual([property]);
  });

  it('in chunks, after a 100, one of several, is read whole', () => {
    const answers = new Answers(['GET', 'HEAD', 'GET']);
    const chunked =
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n';
    const text = `HTTP/1.1 100 Continue\r\n\r\n${chunked}HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n${chunked}`;
    for (const char of text) answers.add(Buffer.from(char));
    expect(answers.isWhole).toBe(true);
    expect(answers.all.map(({ status, body }) => [status, body.toString()])).toEqual([
      [200, 'abc'],
      [200, ''],
      [200, 'abc'],
    ]);
  });
});

describe('accounts of messages', () => {
  const inlet = {
    service: 'users',
    queue: 'q',
    isQuestion: false,
    contract: 'GetUser',
    anyText: false,
  } as const;
  const base = {
    at: 'message:1',
    number: 1,
    content: Buffer.alloc(0),
    properties: { headers: {} },
    inlet,
  };
  const headers = (code: string) => ({
    'x-fuzz-case': '1',
    'x-error-code': code,
    'x-error-message': 'why',
  });

  function close(given: Partial<MessageCase>, deaths: object[], replies: object[] = []): string[] {
    const accounts = new Accounts();
    accounts.open({ ...base, parts: 1, bad: 0, isUnasked: false, ...given });
    for (const death of deaths)
      accounts.died('q', { content: base.content, properties: { headers: { ...death } } });
    for (const reply of replies) {
      const properties = { correlationId: '1', headers: { ...reply } };
      accounts.replied({ content: base.content, properties });
    }
    return accounts.close().map(({ property }) => property);
  }

  it('that add up are none to find', () => {
    expect(close({}, [])).toEqual([]);
    expect(close({}, [headers('order_unknown')])).toEqual([]);
    expect(close({ bad: 1 }, [headers('invalid_body')])).toEqual([]);
    expect(close({ bad: 2, parts: 3 }, [headers('bad_json'), headers('invalid_body')])).toEqual([]);
    expect(close({ inlet: { ...inlet, isQuestion: true } }, [], [{}])).toEqual([]);
  });

  const question = { inlet: { ...inlet, isQuestion: true } };
  it.each<[string, Partial<MessageCase>, object[], object[]]>([
    ['bad-dead-lettered-once', { bad: 1 }, [], []],
    ['bad-dead-lettered-once', { bad: 1 }, [headers('bad_json'), headers('bad_json')], []],
    ['bad-dead-lettered-once', {}, [headers('invalid_body')], []],
    ['dead-once', {}, [headers('order_unknown'), headers('order_unknown')], []],
    ['handled', {}, [headers('type_error')], []],
    [
      'dead-with-reason',
      { bad: 1 },
      [{ ...headers('bad_json'), 'x-error-message': undefined }],
      [],
    ],
    ['dead-in-place', { bad: 1, inlet: { ...inlet, queue: 'p' } }, [headers('bad_json')], []],
    ['answered-once', question, [], []],
    ['answered-once', question, [], [{}, {}]],
    ['answered', question, [], [{ 'x-error-code': 'internal_error' }]],
  ])('%s: %j', (property, given, deaths, replies) => {
    expect(close(given, deaths, replies)).toEqual([property]);
  });
});

describe('the judge of messages', () => {
  const judge = new MessageJudge('docs/asyncapi.json');
  const inlet = {
    service: 'users',
    queue: 'users.get-user',
    isQuestion: true,
    contract: 'GetUser',
  } as const;

  it.each([
    ['{"id":"1"}', 'good'],
    ['{"id":"1","more":"\\u0000"}', 'good'],
    ['\uFEFF{"id":"1"}', 'good'],
    ['{"id":"1","prototype":{}}', 'good'],
    ['{"id":"1","toString":1}', 'bad'],
    ['{"id":"1","more":[{"constructor":1}]}', 'bad'],
    ['{"id":"1","more":{"__proto__":{}}}', 'bad'],
    ['{"id":""}', 'bad'],
    ['{"id":"\\u0000"}', 'bad'],
    ['{"id":"1"', 'bad'],
    ['[]', 'bad'],
    [`{"id":"1","more":${'['.repeat(20)}${']'.repeat(20)}}`, 'either'],
  ])('%s is %s', (text, verdict) => {
    expect(judge.ofContent({ ...inlet, anyText: false }, Buffer.from(text))).toBe(verdict);
  });
});

describe('a case', () => {
  let callers: Callers;
  beforeAll(async () => (callers = await Callers.open()));
  afterAll(() => callers.close());

  it('is the same for the same seed and number, and every service has some', () => {
    const makings = (seed: number) => ({
      seed,
      apis,
      known: {},
      odd: new OddValues(seed),
      callers,
      judge: new BodyJudge(apis),
    });
    const [first, again, other] = [makings(7), makings(7), makings(8)];
    const numbers = Array.from({ length: 200 }, (_, index) => index);
    const cases = numbers.map((number) => httpCase(number, first));
    expect(numbers.map((number) => httpCase(number, again))).toEqual(cases);
    expect(httpCase(3, other)).not.toEqual(cases[3]);
    const asked = new Set(cases.map(({ service }) => service));
    expect([...asked].sort()).toEqual(appNames.filter((name) => name !== 'console').sort());
  });

  it('is named as --only takes it', () => {
    const options = readOptions(['--seed', '7', '--only', 'http:17']);
    expect(options).toMatchObject({ seed: 7, only: { kind: 'http', number: 17 } });
    expect(commandOf(options, 'http:17')).toBe('npm run fuzz -- --seed 7 --only http:17');
    expect(commandOf(options, 'users')).toBe('npm run fuzz -- --seed 7');
    expect(() => readOptions(['--only', 'http'])).toThrow(
      '--only wants http:N or message:N, not "http"',
    );
  });
});

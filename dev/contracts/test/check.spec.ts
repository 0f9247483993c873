import { readFileSync } from 'node:fs';
import { sentenceOf, type Break } from '../compare/breaks';
import type { AsyncApi } from '../compare/channels';
import { check, linesOf } from '../compare/check';
import { checkHttp } from '../compare/check-http';
import { checkMessages } from '../compare/check-messages';
import { problemWith, type Accepted } from '../releases';
import { asyncApi, bodyWith, httpAnswer, httpBody, openApi, type Said } from './small-documents';

const said = (breaks: Break[]) => breaks.map(sentenceOf);
const changed = (old: Said, today: Said) => said(checkMessages(asyncApi(old), asyncApi(today)));

it('says what the real documents would break, in the names of the handlers', () => {
  const today = JSON.parse(readFileSync('docs/asyncapi.json', 'utf8')) as AsyncApi;
  const old = structuredClone(today) as AsyncApi & {
    components: { schemas: Record<string, { properties: Record<string, unknown> }> };
  };
  const sale = old.components.schemas['SaleFinalized'];
  if (sale === undefined) throw new Error('no SaleFinalized');
  sale.properties['total'] = { type: 'string' };
  expect(said(checkMessages(today, today))).toEqual([]);
  expect(said(checkMessages(old, today))).toEqual([
    'SaleFinalized.total: string → integer breaks financial (book-sales), payments (open-payments). ' +
      'Add a field beside it, or a new event.',
  ]);
});

describe('of a way', () => {
  const fanout: Said = { kind: 'fanout' };
  const topic: Said = { kind: 'topic', readers: { 'billing.said': 'a.*' } };

  it.each<[change: string, old: Said, today: Said, sentence: string]>([
    [
      'kind',
      fanout,
      { kind: 'work' },
      'Said: fanout → work breaks billing (book). Keep the fanout, and add the other beside it.',
    ],
    [
      'exchange',
      fanout,
      { kind: 'fanout', address: 'told' },
      'Said: exchange said → told breaks billing (book). Keep the fanout, and add the other beside it.',
    ],
    [
      'queue of a work',
      { kind: 'work' },
      { kind: 'work', address: 'billing.told' },
      'Said: queue billing.said → billing.told breaks billing (book). Keep the work, and add the other beside it.',
    ],
    [
      'queue of a question',
      { kind: 'rpc' },
      { kind: 'rpc', address: 'billing.told' },
      'Said: queue billing.said → billing.told breaks billing (book). Keep the rpc, and add the other beside it.',
    ],
    [
      'removed, and something else added',
      fanout,
      { kind: 'fanout', address: 'told', name: 'Told' },
      'Said: removed breaks billing (book). Keep its handlers until no release sends it and nothing of it waits.',
    ],
    [
      'nobody listened',
      { kind: 'fanout', readers: {} },
      { kind: 'fanout', address: 'told', name: 'Told' },
      'Said: removed breaks shop. Keep its handlers until no release sends it and nothing of it waits.',
    ],
    [
      'renamed',
      fanout,
      { kind: 'fanout', name: 'Told' },
      'Said: renamed to Told breaks whoever reads the type of what comes from said. ' +
        "Keep it: static readonly type = 'Said'.",
    ],
    [
      'topic pattern',
      topic,
      { kind: 'topic', readers: { 'billing.said': 'a.b' } },
      'Said: pattern of billing.said a.* → a.b breaks billing (book). Give the other pattern a queue of its own.',
    ],
    [
      'queue of a listener',
      topic,
      { kind: 'topic', readers: { 'billing.told': 'a.*' } },
      'Said: queue billing.said → billing.told breaks billing (book). ' +
        'Keep its handler until nothing waits in the old queue.',
    ],
    [
      'listener removed',
      fanout,
      { kind: 'fanout', readers: {} },
      'Said: queue billing.said is read by nobody breaks billing (book). ' +
        'Keep its handler until nothing waits in the old queue.',
    ],
  ])('%s', (_change, old, today, sentence) => {
    expect(changed(old, today)).toEqual([sentence]);
  });

  it('an event, a listener or a question may be added', () => {
    expect(said(checkMessages({ channels: {}, operations: {} }, asyncApi(fanout)))).toEqual([]);
    const more = { ...fanout, readers: { 'billing.said': '#', 'ledger.said': '#' } };
    expect(changed(fanout, more)).toEqual([]);
  });

  it('who listens from outside is named where nobody else does', () => {
    const [old, today] = [{ type: 'string' }, { type: 'number' }].map((x): Said => {
      return { kind: 'fanout', readers: {}, body: bodyWith(x) };
    }) as [Said, Said];
    expect(changed(old, today)).toEqual([
      'Said.x: string → number breaks whoever listens to said in old replicas. ' +
        'Add a field beside it, or a new event.',
    ]);
  });
});

describe('of HTTP', () => {
  const limit = (schema: object, more = {}) =>
    openApi({ parameters: [{ name: 'limit', in: 'query', schema, ...more }] });
  const plain = openApi({});
  const number = { type: 'integer' };

  it.each([
    ['route removed', plain, { paths: {} }, 'orders POST /v1/said: removed', 'Keep the route'],
    [
      'method',
      plain,
      openApi({}, '/v1/said', 'put'),
      'orders POST /v1/said: removed',
      'Keep the route',
    ],
    [
      'parameter removed',
      limit(number),
      plain,
      'orders POST /v1/said: query parameter limit removed',
      'Keep it',
    ],
    [
      'parameter added',
      plain,
      limit(number, { required: true }),
      'orders POST /v1/said: query parameter limit added, required',
      'Make it optional',
    ],
    [
      'parameter required',
      limit(number),
      limit(number, { required: true }),
      'orders POST /v1/said: query parameter limit optional → required',
      'Keep it optional',
    ],
    [
      'parameter narrowed',
      limit(number),
      limit({ ...number, maximum: 10 }),
      'orders POST /v1/said query parameter limit: maximum none → 10',
      'Keep what was allowed',
    ],
    [
      'status',
      openApi({ responses: { 200: {}, 404: {} } }),
      openApi({ responses: { 202: {}, 404: {}, 409: {} } }),
      'orders POST /v1/said: status 200 → 202',
      'Keep the status, or add a new route',
    ],
    [
      'media type of a request',
      httpBody({}),
      openApi({ requestBody: { content: { 'text/plain': {} } } }),
      'orders POST /v1/said: takes application/json no more',
      'Keep it, and add the other',
    ],
    [
      'media type of an answer',
      httpAnswer({}),
      openApi({ responses: { 200: { content: { 'text/plain': {} } } } }),
      'orders POST /v1/said: answers application/json no more',
      'Keep it, and add the other',
    ],
    [
      'body required',
      openApi({ requestBody: {} }),
      openApi({ requestBody: { required: true } }),
      'orders POST /v1/said: body optional → required',
      'Keep it optional',
    ],
  ])('%s', (_change, old, today, what, advice) => {
    const sentence = `${what} breaks callers of orders. ${advice}.`;
    expect(said(checkHttp('orders', old, today))).toEqual([sentence]);
  });

  it('a path is the same however its parameters are named, and more may be added', () => {
    const one = openApi({ parameters: [{ name: 'id', in: 'path' }] }, '/v1/said/{id}');
    const two = openApi({ parameters: [{ name: 'said', in: 'path' }] }, '/v1/said/{said}');
    expect(checkHttp('orders', one, two)).toEqual([]);
    expect(checkHttp('orders', plain, limit(number))).toEqual([]);
    expect(checkHttp('orders', plain, { paths: { ...plain.paths, ...one.paths } })).toEqual([]);
  });
});

describe('an event whose field becomes another', () => {
  const [number, text] = [bodyWith({ type: 'number' }), bodyWith({ type: 'string' })];
  const release = (version: string, document: AsyncApi) => ({
    version,
    documents: { 'asyncapi.json': document },
  });
  const first = release('0.1.0', asyncApi({ kind: 'fanout', body: number }));
  const today = { kind: 'fanout', body: text, olds: { SaidV1: number } } as const;
  const linesAgainst = (
    releases: (typeof first)[],
    document: AsyncApi,
    accepted: Accepted[] = [],
  ) => linesOf(check(releases, { 'asyncapi.json': document }, accepted), releases);
  const red = 'docs/CONTRACTS.md says how to change a contract.';
  const sentence = 'Said.x: number → string breaks billing (book)';
  const advice = 'Add a field beside it, or a new event.';

  it('breaks both ways; with an upcast replicas of the old release alone', () => {
    const without = asyncApi({ kind: 'fanout', body: text });
    expect(linesAgainst([first], without)).toEqual([`  0.1.0: ${sentence}. ${advice}`, red]);
    const inReplicas = `  0.1.0: ${sentence} in old replicas. ${advice}`;
    expect(linesAgainst([first], asyncApi(today))).toEqual([inReplicas, red]);
  });

  it('breaks nobody while the old version is sent, and after that release is everywhere', () => {
    const readersFirst = asyncApi({ ...today, sends: 'SaidV1' });
    expect(linesAgainst([first], readersFirst)).toEqual(['Nothing breaks 0.1.0.']);

    const second = release('0.2.0', readersFirst);
    expect(linesAgainst([first, second], asyncApi(today))).toEqual([
      `  0.1.0: Deploy 0.2.0 everywhere first: ${sentence} in old replicas. ${advice}`,
      'Nothing breaks 0.1.0, 0.2.0.',
    ]);
    expect(linesAgainst([second], asyncApi(today))).toEqual(['Nothing breaks 0.2.0.']);
  });

  it('breaks what waits once the upcast is gone, as long as a release is kept that sent it', () => {
    const second = release('0.2.0', asyncApi({ ...today, sends: 'SaidV1' }));
    const gone = asyncApi({ kind: 'fanout', body: text });
    const third = release('0.3.0', asyncApi(today));
    expect(linesAgainst([second, third], gone)).toEqual([
      `  0.2.0: ${sentence} on old bodies. Keep what was allowed.`,
      red,
    ]);
    expect(linesAgainst([third], gone)).toEqual(['Nothing breaks 0.3.0.']);
  });

  it('is refused where an old body may be taken for one of today', () => {
    const optional = { ...text, required: [] };
    const body = { ...optional, properties: { y: { type: 'string' } } };
    const document = asyncApi({ kind: 'fanout', body, olds: { SaidV1: optional } });
    expect(linesAgainst([], document)).toEqual([
      '  SaidV1: not told apart from Said breaks billing (book). ' +
        'Give Said a required field that SaidV1 has not, or one of another type.',
      red,
    ]);
  });

  it('may be meant, which is said for one sentence, and no longer than it is true', () => {
    const document = asyncApi({ kind: 'fanout', body: text });
    const accepted = [{ break: `${sentence}. ${advice}`, because: 'nobody ever ran 0.1.0' }];
    expect(linesAgainst([first], document, accepted)).toEqual([
      `  accepted: ${sentence}. ${advice} Because: nobody ever ran 0.1.0`,
      'Nothing breaks 0.1.0.',
    ]);
    const lines = linesAgainst([], document, accepted);
    expect(lines[0]).toContain('accepted and not broken, take it out of accepted.json');
    const verdict = check([], { 'asyncapi.json': document }, accepted);
    expect(verdict.stale).toEqual(accepted);
  });
});

it('a service that answers no HTTP any more breaks its callers', () => {
  const documents = {
    'asyncapi.json': asyncApi({ kind: 'work' }),
    'openapi/orders.json': openApi({}),
  };
  const { broken } = check([{ version: '0.1.0', documents }], {
    'asyncapi.json': documents['asyncapi.json'],
  });
  expect([...broken.keys()]).toEqual([
    'orders POST /v1/said: removed breaks callers of orders. Keep the route.',
  ]);
});

it.each([
  ['1.2', '"1.2" is no version such as 1.2.0'],
  ['0.9.0', '0.9.0 is there already'],
  ['0.8.9', '0.8.9 does not come after 0.10.0'],
  ['0.10.1', undefined],
])('a release %s: %s', (version, problem) => {
  const releases = ['0.9.0', '0.10.0'].map((one) => ({ version: one, documents: {} }));
  expect(problemWith(version, releases)).toBe(problem);
});

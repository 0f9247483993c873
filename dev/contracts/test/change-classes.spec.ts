import { sentenceOf, type Break } from '../compare/breaks';
import { checkHttp } from '../compare/check-http';
import { checkMessages } from '../compare/check-messages';
import type { Rules, Schema } from '../compare/schema';
import { asyncApi, bodyWith, httpAnswer, httpBody } from './small-documents';

const required = (x: Schema) => bodyWith(x);
const optional = (x: Schema): Rules => ({ ...bodyWith(x), required: [] });
const without: Rules = { type: 'object', properties: {} };
const closed = (body: Rules): Rules => ({ ...body, additionalProperties: false });
const text = { type: 'string' };
const number = { type: 'number' };
const nested = (y: Schema) => required(bodyWith(y));
const list = (items: Schema) => required({ type: 'array', items });

interface Row {
  change: string;
  old: Rules;
  today: Rules;
  /** How the sentence goes on where bodies are kept, in a question, and in an answer. */
  kept?: string;
  asked?: string;
  answered?: string;
}

const beside = 'Add a field beside it, or a new event.';
const keep = 'Keep what was allowed.';

/** A change that old bodies do not live through, and back. */
function tightened(name: string, old: Rules, today: Rules, change: string, back: string): Row[] {
  return [
    {
      ...{ change: `${name} tightened`, old, today, asked: `${change}. ${keep}` },
      kept: `${change} on old bodies. ${keep}`,
    },
    {
      ...{ change: `${name} loosened`, old: today, today: old },
      kept: `${back} in old replicas. ${beside}`,
      answered: `${back}. ${beside}`,
    },
  ];
}

/** A change that neither side lives through, and back. */
function replaced(name: string, old: Rules, today: Rules, change: string, back: string): Row[] {
  const row = (name: string, old: Rules, today: Rules, change: string): Row => ({
    ...{ change: name, old, today, kept: `${change}. ${beside}` },
    ...{ asked: `${change}. ${keep}`, answered: `${change}. ${beside}` },
  });
  return [row(name, old, today, change), row(`${name}, back`, today, old, back)];
}

const bound = (name: string, of: string, less: Schema, type: string, values: [number, number]) => {
  const [wide, narrow] = values.map((value) => required({ type, [of]: value })) as [Rules, Rules];
  const change = (a: number, b: number) => `.x: ${of} ${a} → ${b} breaks WHO`;
  const none = `.x: ${of} none → ${values[0]} breaks WHO`;
  const gone = `.x: ${of} ${values[0]} → none breaks WHO`;
  return [
    ...tightened(name, wide, narrow, change(...values), change(values[1], values[0])),
    ...tightened(`${name}, set`, required(less), wide, none, gone),
  ];
};

const rows: Row[] = [
  ...replaced(
    'type',
    required(number),
    required(text),
    '.x: number → string breaks WHO',
    '.x: string → number breaks WHO',
  ),
  ...tightened(
    'type of number',
    required(number),
    required({ type: 'integer' }),
    '.x: number → integer breaks WHO',
    '.x: integer → number breaks WHO',
  ),
  ...tightened(
    'nullable',
    required({ type: ['string', 'null'] }),
    required(text),
    '.x: string or null → string breaks WHO',
    '.x: string → string or null breaks WHO',
  ),
  ...tightened(
    'enum',
    required({ enum: ['a', 'b'] }),
    required({ enum: ['a'] }),
    '.x: b taken away breaks WHO',
    '.x: b added breaks WHO',
  ),
  ...tightened(
    'enum, set',
    required(text),
    required({ enum: ['a', 'b'] }),
    '.x: any value → a, b breaks WHO',
    '.x: a, b → any value breaks WHO',
  ),
  ...replaced(
    'const',
    required({ const: 1 }),
    required({ const: 2 }),
    '.x: 1 → 2 breaks WHO',
    '.x: 2 → 1 breaks WHO',
  ),
  ...bound('minimum', 'minimum', number, 'number', [1, 5]),
  ...bound('maximum', 'maximum', number, 'number', [9, 5]),
  ...bound('length, least', 'minLength', text, 'string', [1, 5]),
  ...bound('length, most', 'maxLength', text, 'string', [9, 5]),
  ...bound('items, least', 'minItems', { type: 'array' }, 'array', [1, 5]),
  ...bound('items, most', 'maxItems', { type: 'array' }, 'array', [9, 5]),
  ...tightened(
    'pattern, set',
    required(text),
    required({ type: 'string', pattern: '^a' }),
    '.x: pattern none → ^a breaks WHO',
    '.x: pattern ^a → none breaks WHO',
  ),
  ...replaced(
    'pattern',
    required({ type: 'string', pattern: '^a' }),
    required({ type: 'string', pattern: '^b' }),
    '.x: pattern ^a → ^b breaks WHO',
    '.x: pattern ^b → ^a breaks WHO',
  ),
  ...tightened(
    'format, set',
    required(text),
    required({ type: 'string', format: 'uuid' }),
    '.x: format none → uuid breaks WHO',
    '.x: format uuid → none breaks WHO',
  ),
  ...replaced(
    'items',
    list(text),
    list(number),
    '.x[]: string → number breaks WHO',
    '.x[]: number → string breaks WHO',
  ),
  ...replaced(
    'nested field',
    nested(text),
    nested(number),
    '.x.x: string → number breaks WHO',
    '.x.x: number → string breaks WHO',
  ),
  ...tightened(
    'unknown fields of a map',
    required({ type: 'object', additionalProperties: true }),
    required({ type: 'object', additionalProperties: text }),
    '.x.*: anything → string breaks WHO',
    '.x.*: string → anything breaks WHO',
  ),
  ...tightened(
    'other rule',
    required({ type: 'array', uniqueItems: false }),
    required({ type: 'array', uniqueItems: true }),
    '.x: uniqueItems false → true breaks WHO',
    '.x: uniqueItems true → false breaks WHO',
  ).map((row) =>
    // What is not understood is right only as it was.
    row.change === 'other rule loosened'
      ? {
          ...row,
          kept: `.x: uniqueItems true → false breaks WHO. ${beside}`,
          asked: `.x: uniqueItems true → false breaks WHO. ${keep}`,
        }
      : {
          ...row,
          kept: `.x: uniqueItems false → true breaks WHO. ${beside}`,
          answered: `.x: uniqueItems false → true breaks WHO. ${beside}`,
        },
  ),
  {
    ...{ change: 'required field added', old: without, today: required(text) },
    kept: '.x: added, required breaks WHO on old bodies. Make it optional.',
    asked: '.x: added, required breaks WHO. Make it optional.',
  },
  {
    ...{ change: 'required field removed', old: required(text), today: without },
    kept: '.x: removed breaks WHO in old replicas. Keep it required, or add a new event.',
    answered: '.x: removed breaks WHO. Keep it required, or add a new event.',
  },
  {
    ...{
      change: 'optional → required',
      old: optional({ type: ['string', 'null'] }),
      today: required(text),
    },
    kept: '.x: optional → required breaks WHO on old bodies. Keep it optional.',
    asked: '.x: optional → required breaks WHO. Keep it optional.',
  },
  {
    ...{
      change: 'required → optional',
      old: required(text),
      today: optional({ type: ['string', 'null'] }),
    },
    kept: '.x: required → optional breaks WHO in old replicas. Keep it required, or add a new event.',
    answered: '.x: required → optional breaks WHO. Keep it required, or add a new event.',
  },
  { change: 'optional field added', old: without, today: optional(text) },
  { change: 'optional field removed', old: optional(text), today: without },
  {
    ...{
      change: 'optional field added where unknown fields are refused',
      old: closed(without),
      today: closed(optional(text)),
    },
    kept: `.x: added where unknown fields are refused breaks WHO in old replicas. ${beside}`,
    answered: `.x: added where unknown fields are refused breaks WHO. ${beside}`,
  },
  {
    ...{
      change: 'optional field removed where unknown fields are refused',
      old: closed(optional(text)),
      today: closed(without),
    },
    kept: '.x: removed where unknown fields are refused breaks WHO on old bodies. Keep it.',
    asked: '.x: removed where unknown fields are refused breaks WHO. Keep it.',
  },
  {
    change: 'a description',
    old: required(text),
    today: required({ ...text, description: 'new', examples: ['a'] }),
  },
];

const said = (breaks: Break[]) => breaks.map(sentenceOf);
/** The sentence about `what` that breaks `whom`, with `other` to be made instead; none. */
const expected = (row: string | undefined, what: string, whom: string, other: string) =>
  row === undefined ? [] : [`${what}${row.replace('WHO', whom).replace('a new event', other)}`];

describe.each(rows)('$change', ({ old, today, kept, asked, answered }) => {
  it.each([
    ['work', 'a new work'],
    ['fanout', 'a new event'],
    ['topic', 'a new event'],
  ] as const)('of a %s', (kind, other) => {
    const breaks = checkMessages(asyncApi({ kind, body: old }), asyncApi({ kind, body: today }));
    expect(said(breaks)).toEqual(expected(kept, 'Said', 'billing (book)', other));
  });

  it('of a question', () => {
    const documents = [old, today].map((body) => asyncApi({ kind: 'rpc', body }));
    const breaks = checkMessages(...(documents as [never, never]));
    expect(said(breaks)).toEqual(expected(asked, 'Said', 'shop', 'a new question'));
  });

  it('of an answer', () => {
    const documents = [old, today].map((reply) => asyncApi({ kind: 'rpc', reply }));
    const breaks = checkMessages(...(documents as [never, never]));
    expect(said(breaks)).toEqual(expected(answered, 'Answer', 'shop', 'a new question'));
  });

  it('of an HTTP request', () => {
    const what = 'orders POST /v1/said body';
    const breaks = checkHttp('orders', httpBody(old), httpBody(today));
    expect(said(breaks)).toEqual(expected(asked, what, 'callers of orders', 'a new route'));
  });

  it('of an HTTP answer', () => {
    const what = 'orders POST /v1/said 200 answer';
    const breaks = checkHttp('orders', httpAnswer(old), httpAnswer(today));
    expect(said(breaks)).toEqual(expected(answered, what, 'callers of orders', 'a new route'));
  });
});

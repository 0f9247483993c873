import fc from 'fast-check';
import { isDeepStrictEqual } from 'node:util';
import { canonicalJson } from '../src/http/idempotency/canonical-json';

// As a parser would give it: -0 equals 0 there, except for Object.is.
const json = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as unknown);

/** Writes a value as JSON in one of many ways: order of fields, white space, numbers, escapes. */
function write(value: unknown, pick: (max: number) => number): string {
  const space = () => ['', ' ', '\n', '\t', '\r\n '][pick(4)] ?? '';
  const list = (open: string, parts: string[], close: string) =>
    open + space() + parts.map((part) => part + space()).join(`,${space()}`) + close;
  const text = (words: string) =>
    pick(1) === 0
      ? JSON.stringify(words)
      : `"${Array.from({ length: words.length }, (_, i) => escaped(words.charCodeAt(i))).join('')}"`;
  if (typeof value === 'string') return text(value);
  if (typeof value === 'number') return [`${value}`, value.toExponential()][pick(1)] ?? '';
  if (Array.isArray(value)) {
    return list(
      '[',
      value.map((part) => write(part, pick)),
      ']',
    );
  }
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).map(
    ([name, field]) => `${text(name) + space()}:${space()}${write(field, pick)}`,
  );
  for (let last = fields.length - 1; last > 0; last -= 1) {
    const other = pick(last);
    [fields[last], fields[other]] = [fields[other] ?? '', fields[last] ?? ''];
  }
  return list('{', fields, '}');
}

function escaped(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, '0')}`;
}

describe('canonical JSON', () => {
  it('is the same however a value is written', () => {
    fc.assert(
      fc.property(json, fc.gen(), (value, gen) => {
        const text = write(value, (max) => gen(fc.nat, { max }));
        expect(canonicalJson(JSON.parse(text))).toBe(canonicalJson(value));
      }),
    );
  });

  it('has all that the value has', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(value);
      }),
    );
  });

  it('is the same for equal values alone', () => {
    fc.assert(
      fc.property(json, json, (one, other) => {
        expect(canonicalJson(one) === canonicalJson(other)).toBe(isDeepStrictEqual(one, other));
      }),
    );
  });

  it('is that of RFC 8785', () => {
    const text = String.raw`{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],
      "string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false],
      "10":1,"9":2,"\ud83d\ude00":3,"\ufb33":4,"\u20ac":5,"\r":6,"a":{"b":1,"B":2}}`;
    const canonical = [
      String.raw`{"\r":6,"10":1,"9":2,"a":{"B":2,"b":1},"literals":[null,true,false],`,
      '"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],',
      `"string":"\u20ac$\\u000f\\nA'B\\"\\\\\\\\\\"/","\u20ac":5,"\ud83d\ude00":3,"\ufb33":4}`,
    ];
    expect(canonicalJson(JSON.parse(text))).toBe(canonical.join(''));
  });

  it('takes a field that is undefined for none', () => {
    expect(canonicalJson({ b: undefined, a: 1 })).toBe('{"a":1}');
  });
});

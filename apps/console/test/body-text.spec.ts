import fc from 'fast-check';
import { bodyProblem, contractProblems, indented } from '../page/views/dead-letters/body-text';
import { around, lineDiff } from '../page/views/dead-letters/line-diff';

describe('a body as text', () => {
  it('is indented as JSON.stringify would, whatever it holds', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        expect(indented(text)).toBe(JSON.stringify(value, null, 2));
      }),
    );
  });

  it('keeps what JavaScript would change: long numbers, members that are there twice', () => {
    const text = '{"id":12345678901234567890,"a":1.0,"a":2}';
    expect(indented(text)).toBe('{\n  "id": 12345678901234567890,\n  "a": 1.0,\n  "a": 2\n}');
  });

  it('that is no JSON stays as it is', () => {
    expect(indented('not json')).toBe('not json');
  });

  it('says what is wrong with it, and where', () => {
    expect(bodyProblem('{}')).toBeUndefined();
    expect(bodyProblem('{\n  "a": 1,\n}')).toMatchObject({ line: 3 });
    expect(bodyProblem('{\n  "a": ')).toMatchObject({ line: 2 });
    expect(bodyProblem('{"a": x}')?.message).not.toMatch(/position|valid JSON/);
    expect(bodyProblem('')?.message).toBe('Unexpected end of JSON input');
    expect(bodyProblem('[1]')?.message).toBe('a body is a JSON object');
  });

  it('is not sent with a number that would be another one', () => {
    expect(bodyProblem('{\n"id": 12345678901234567890}')).toEqual({
      message: '12345678901234567890 is too long to be kept exactly',
      line: 2,
    });
    expect(
      bodyProblem('{"id": "12345678901234567890", "b": 1e40, "c": 9007199254740991}'),
    ).toBeUndefined();
    expect(bodyProblem('{"b": 1e400}')).toBeDefined();
  });
});

describe('what a contract refuses', () => {
  const text = indented(
    '{"id":"a","items":[{"sku":"x"},{"sku":"y","quantity":0}],"tags":["p","q"],"of":{"in":1}}',
  );
  const at = (problem: string) =>
    contractProblems(problem, text).map(({ pointer, line }) => [pointer, line]);

  it('is told one by one, each at its line', () => {
    expect(
      contractProblems('PlaceOrder: /id must be a UUID; or not; /items/1/quantity must be 1', text),
    ).toEqual([
      { pointer: '/id', message: 'must be a UUID; or not', line: 2 },
      { pointer: '/items/1/quantity', message: 'must be 1', line: 9 },
    ]);
    expect(
      at('C: /items must be short; /items/1 must be small; /tags/1 must be r; /of/in must be 2'),
    ).toEqual([
      ['/items', 3],
      ['/items/1', 7],
      ['/tags/1', 14],
      ['/of/in', 17],
    ]);
  });

  it('is told at what is around it when it is not there', () => {
    expect(at('C: /items/0/quantity must be a number; /total must be a number')).toEqual([
      ['/items/0/quantity', 4],
      ['/total', 1],
    ]);
    expect(contractProblems('not a JSON object', 'x')).toEqual([{ message: 'not a JSON object' }]);
  });
});

describe('the difference of two bodies', () => {
  const drawn = (a: string, b: string) => lineDiff(a, b).map(({ sign, text }) => sign + text);

  it('is lines taken and lines added', () => {
    expect(drawn('{\na\nb\nc\n}', '{\na\nx\nc\nd\n}')).toEqual([
      ' {',
      ' a',
      '-b',
      '+x',
      ' c',
      '+d',
      ' }',
    ]);
    expect(drawn('a', 'a')).toEqual([' a']);
  });

  it('gives back both texts', () => {
    const lines = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(lines, lines, (a, b) => {
        const diff = lineDiff(a.join('\n'), b.join('\n'));
        expect(diff.filter(({ sign }) => sign !== '+').map(({ text }) => text)).toEqual(a);
        expect(diff.filter(({ sign }) => sign !== '-').map(({ text }) => text)).toEqual(b);
      }),
    );
  });

  it('is bounded for long texts', () => {
    const long = (mark: string) =>
      Array.from({ length: 5_000 }, (_, n) => `${mark}${n}`).join('\n');
    expect(lineDiff(long('a'), long('b'))).toHaveLength(10_000);
  });

  it('is shown with the lines around it', () => {
    const a = Array.from({ length: 20 }, (_, n) => `${n}`);
    const b = a.map((line) => (line === '10' ? 'ten' : line));
    const shown = around(lineDiff(a.join('\n'), b.join('\n')), 1);
    expect(shown.map((line) => line && line.sign + line.text)).toEqual([
      undefined,
      ' 9',
      '-10',
      '+ten',
      ' 11',
      undefined,
    ]);
  });
});

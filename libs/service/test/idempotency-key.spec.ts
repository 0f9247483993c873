import fc from 'fast-check';
import { keyOf, readKey } from '../src/http/idempotency/idempotency-key';

const refused = expect.objectContaining({ status: 400 });
const printable = fc.string({ unit: fc.constantFrom(...ascii()), minLength: 1, maxLength: 255 });

function ascii(): string[] {
  return Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index));
}

describe('an idempotency key', () => {
  it.each(['a', 'f0e1-42', 'x'.repeat(255), 'with spaces, too', String.raw`back\slash`])(
    'may be bare: %j',
    (key) => {
      expect(readKey(key)).toBe(key);
    },
  );

  it.each([
    ['"8e03978e-40d5-43dd-bc93-6894a57f9324"', '8e03978e-40d5-43dd-bc93-6894a57f9324'],
    [String.raw`"say \"hi\" \\o/"`, String.raw`say "hi" \o/`],
    [`"${'x'.repeat(255)}"`, 'x'.repeat(255)],
  ])('may be in quotes: %s', (header, key) => {
    expect(readKey(header)).toBe(key);
  });

  it('is the same in quotes as without', () => {
    fc.assert(
      fc.property(printable, (key) => {
        expect(readKey(`"${key.replaceAll(/["\\]/g, '\\$&')}"`)).toBe(key);
        if (!key.includes('"')) expect(readKey(key)).toBe(key);
      }),
    );
  });

  it.each([
    ['empty', ''],
    ['empty in quotes', '""'],
    ['too long', 'x'.repeat(256)],
    ['too long in quotes', `"${'x'.repeat(256)}"`],
    ['a quote that does not end', '"abc'],
    ['a quote that does not begin', 'abc"'],
    ['a quote alone', '"'],
    ['a quote inside', 'a"b'],
    ['a quote inside quotes', '"a"b"'],
    ['an escaped end', String.raw`"abc\"`],
    ['an escape of nothing', String.raw`"a\bc"`],
    ['two of them', '"a", "b"'],
    ['with a parameter', '"a";b=1'],
    ['a tab', 'tab\there'],
    ['a tab in quotes', '"tab\there"'],
    ['an umlaut', 'schlüssel'],
    ['a NUL', 'nul\0'],
    ['two lines', 'line\nline'],
  ])('may not be malformed: %s', (_why, header) => {
    expect(() => readKey(header)).toThrow(refused);
  });
});

describe('the key of a request', () => {
  it('may be absent', () => {
    expect(keyOf({ authorization: ['Bearer a'] })).toBeUndefined();
  });

  it('may not be there twice, though it says the same', () => {
    expect(() => keyOf({ 'idempotency-key': ['a', 'a'] })).toThrow(refused);
  });

  it('belongs to the credential, and does not show it', () => {
    const given = (...authorization: string[]) =>
      keyOf({ 'idempotency-key': ['a'], authorization })?.caller;
    expect(given('Bearer a')).toBe(given('Bearer a'));
    expect(given('Bearer a')).not.toBe(given('Bearer b'));
    expect(given('Bearer a')).toMatch(/^[\da-f]{64}$/);
    expect(keyOf({ 'idempotency-key': ['a'] })).toEqual({ key: 'a', caller: undefined });
  });
});

import fc from 'fast-check';
import { readKey } from '../src/http/idempotency/idempotency-key';

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

import { fingerprintOf, readKey } from '../src/idempotency';

describe('an idempotency key', () => {
  it('may be absent', () => {
    expect(readKey(undefined)).toBeUndefined();
  });

  it.each(['a', 'f0e1-42', 'x'.repeat(255), 'with spaces, too'])('may be %j', (key) => {
    expect(readKey(key)).toBe(key);
  });

  it.each(['', 'x'.repeat(256), 'tab\there', 'schlüssel', 'nul\0', 'line\nline'])(
    'may not be %j',
    (key) => {
      expect(() => readKey(key)).toThrow(expect.objectContaining({ status: 400 }));
    },
  );
});

describe('the fingerprint of a request', () => {
  it('does not see the order of fields', () => {
    const one = fingerprintOf({ a: 1, items: [{ sku: 'MUG', quantity: 2 }] });
    const other = fingerprintOf({ items: [{ quantity: 2, sku: 'MUG' }], a: 1 });
    expect(other.equals(one)).toBe(true);
  });

  it('sees values, the order of items, and text against number', () => {
    const bodies = [
      { items: [1, 2] },
      { items: [2, 1] },
      { items: [1, 3] },
      { items: ['1', 2] },
      { items: [1, 2], more: null },
    ];
    const prints = bodies.map((body) => fingerprintOf(body).toString('hex'));
    expect(new Set(prints).size).toBe(bodies.length);
  });
});

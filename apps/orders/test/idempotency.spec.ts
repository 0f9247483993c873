import { attemptOf, fingerprintOf } from '../src/idempotency/idempotency';

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

describe('the scope of a key', () => {
  const scope = (route: 'place-order' | 'cancel-order', caller?: string) =>
    attemptOf(route, { key: 'a', caller }, {})?.scope;

  it('is the route and the caller', () => {
    const scopes = [
      scope('place-order'),
      scope('cancel-order'),
      scope('place-order', 'b'),
      scope('place-order', 'c'),
      scope('cancel-order', 'b'),
    ];
    expect(new Set(scopes).size).toBe(scopes.length);
    expect(attemptOf('place-order', undefined, {})).toBeUndefined();
  });
});

import { type HttpRequest, idempotentRequestOf } from '../src/http/idempotency/idempotent-request';

function requestOf(request: Partial<HttpRequest> & { headers?: Record<string, string> } = {}) {
  const { headers, ...more } = request;
  const given = Object.entries({ 'idempotency-key': 'a', ...headers });
  const found = idempotentRequestOf({
    method: 'POST',
    routeOptions: { url: '/v1/orders' },
    params: {},
    raw: { headersDistinct: Object.fromEntries(given.map(([name, value]) => [name, [value]])) },
    ...more,
  });
  if (!found) throw new Error('the request has no key');
  return found;
}

describe('the fingerprint of a request', () => {
  const fingerprint = (body: unknown, params = {}) =>
    requestOf({ body, params }).fingerprint().toString('hex');

  it('does not see the order of fields', () => {
    const one = fingerprint({ a: 1, items: [{ sku: 'MUG', quantity: 2 }] });
    expect(fingerprint({ items: [{ quantity: 2, sku: 'MUG' }], a: 1 })).toBe(one);
  });

  it('sees values, the order of items, text against number, and the address', () => {
    const prints = [
      fingerprint({ items: [1, 2] }),
      fingerprint({ items: [2, 1] }),
      fingerprint({ items: [1, 3] }),
      fingerprint({ items: ['1', 2] }),
      fingerprint({ items: [1, 2], more: null }),
      fingerprint({ items: [1, 2] }, { id: 'a' }),
      fingerprint({ items: [1, 2] }, { id: 'b' }),
    ];
    expect(new Set(prints).size).toBe(prints.length);
  });

  it('does not see the case of an id in the address', () => {
    expect(fingerprint({}, { id: 'ABC' })).toBe(fingerprint({}, { id: 'abc' }));
  });
});

describe('the key of a request', () => {
  const headers = (headersDistinct: Record<string, string[]>) => {
    const route = { method: 'POST', routeOptions: { url: '/v1/orders' }, params: {} };
    return () => idempotentRequestOf({ ...route, raw: { headersDistinct } });
  };

  it('may be absent', () => {
    expect(headers({ authorization: ['Bearer a'] })()).toBeUndefined();
  });

  it('may not be there twice, though it says the same', () => {
    const twice = headers({ 'idempotency-key': ['a', 'a'] });
    expect(twice).toThrow(expect.objectContaining({ status: 400 }));
  });
});

describe('the scope of a key', () => {
  const as = (id: string, customer?: string) => ({ caller: { id, customer, scopes: new Set('') } });

  it('is the route and the caller', () => {
    const cancel = { routeOptions: { url: '/v1/orders/:id/cancel' } };
    const scopes = [
      requestOf(),
      requestOf(cancel),
      requestOf(as('b')),
      requestOf(as('c')),
      requestOf(as('b', '1')),
      requestOf(as('b', '2')),
      requestOf({ ...cancel, ...as('b') }),
    ].map(({ scope }) => scope);
    expect(new Set(scopes).size).toBe(scopes.length);
  });

  it('does not show the caller', () => {
    expect(requestOf(as('b')).scope).toMatch(/^POST \/v1\/orders [\da-f]{64}$/);
    expect(requestOf().scope).toBe('POST /v1/orders');
  });

  it('is the same for the same caller, whatever its token', () => {
    const [old, renewed] = ['Bearer b', 'Bearer c'].map((authorization) =>
      requestOf({ ...as('b', '1'), headers: { authorization } }),
    );
    expect(old?.scope).toBe(renewed?.scope);
  });
});

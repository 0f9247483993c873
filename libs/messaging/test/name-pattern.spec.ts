import fc from 'fast-check';
import { anyOf } from '../src/topology/name-pattern';

const word = fc.constantFrom('orders', 'pack', 'dead', 'in', 'a+b', '', '*');
const name = fc.array(word, { minLength: 1, maxLength: 4 }).map((words) => words.join('.'));

describe('a pattern of names', () => {
  it('matches them, and no other', () => {
    fc.assert(
      fc.property(fc.array(name, { minLength: 1 }), fc.array(name), (names, others) => {
        const pattern = RegExp(anyOf(names));
        for (const one of [...names, ...others]) {
          expect([one, pattern.test(one)]).toEqual([one, names.includes(one)]);
        }
      }),
    );
  });

  it('says once what they have in common', () => {
    const queues = ['orders.confirm', 'orders.deliver'].flatMap((one) => [one, `${one}.dead`]);
    expect(anyOf(['logs', ...queues])).toBe('^(logs|orders\\.(confirm|deliver)(\\.dead)?)$');
    expect(anyOf(queues.map((one) => `${one}.in`))).toBe(
      '^(orders\\.(confirm|deliver)\\.(dead\\.in|in))$',
    );
  });

  it('matches nothing but nothing without any', () => {
    expect(anyOf([])).toBe('^$');
    expect(anyOf([], ['stock\\.reply\\.[0-9a-f]+'])).toBe('^(stock\\.reply\\.[0-9a-f]+)$');
  });
});

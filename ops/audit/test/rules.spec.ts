import { judge, rules } from '../audit';
import type { Violation } from '../rule';
import { breaches, deadLetter, goes, order, payment } from './breaches';
import { beganAt, factsOf, type Parts, soundParts } from './sound-facts';

function found(change: (parts: Parts) => unknown): Violation[] {
  const parts = soundParts();
  change(parts);
  return judge(factsOf(parts), parts.options).flatMap(({ violations }) => violations);
}

const named = (change: (parts: Parts) => unknown) =>
  found(change).map(({ rule, subject }) => `${rule}: ${subject}`);

describe('the rules of the audit', () => {
  it('have nothing against a sound system, whatever became of its orders', () => {
    expect(found(() => undefined)).toEqual([]);
  });

  it.each(breaches)('name %s', (_, change, violations) => {
    expect(named(change)).toEqual(violations);
  });

  it('are each broken by one of these', () => {
    const broken = new Set(
      breaches.flatMap(([, , violations]) => violations.map((one) => one.split(':')[0])),
    );
    expect(rules.map(({ name }) => name).filter((name) => !broken.has(name))).toEqual([]);
  });

  it('say what contradicts what', () => {
    const [violation] = found((parts) => (payment(parts, 'sold').status = 'refund_pending'));
    expect(violation).toEqual({
      rule: 'sold-order-is-paid',
      subject: 'sold',
      orderId: 'sold',
      detail:
        'it is completed, 2500 USD; payments captured: sold-payment (refund_pending, 2500 USD)',
    });
  });

  it('take a dead letter for explained when what it is about has come to its end', () => {
    const bodies = [
      { orderId: 'refunded' },
      { orderId: 'REFUNDED' },
      { paymentId: 'failed-payment' },
      { deliveryId: '01-93' },
    ];
    const explained = named((parts) => {
      parts.rest.deliveries.set('msg_0193', 'parked');
      parts.rest.deadLetters = bodies.map(deadLetter);
    });
    expect(explained).toEqual([]);
  });

  it('count the time of an order that was cancelled late from there on', () => {
    const late = (parts: Parts) => {
      goes(parts, 'sold', 'pending awaiting_payment paid completed cancel_pending');
      const last = order(parts, 'sold').timeline.at(-1);
      if (last) last.at = beganAt + 1_000_000;
      parts.rest.readAt = beganAt + 1_060_000;
      goes(parts, 'underway', 'pending rejected');
    };
    expect(named(late).filter((one) => one.includes(': sold'))).toEqual([]);
  });
});

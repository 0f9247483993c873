import { afterCancellation, owesRefund } from '../src/payment';

describe('a payment', () => {
  it.each([
    ['pending', 'cancelled'],
    ['captured', 'refund_pending'],
    ['declined', 'declined'],
    ['cancelled', 'cancelled'],
    ['refund_pending', 'refund_pending'],
    ['refunded', 'refunded'],
  ] as const)('that is %s when its order is cancelled becomes %s', (status, expected) => {
    expect(afterCancellation(status)).toBe(expected);
  });

  it.each([
    ['pending', false],
    ['captured', false],
    ['declined', false],
    ['cancelled', true],
    ['refund_pending', true],
    ['refunded', false],
  ] as const)('that is %s may have money to give back: %s', (status, expected) => {
    expect(owesRefund(status)).toBe(expected);
  });
});

import { afterCancellation, afterRefund } from '../src/payment/payment';

describe('a payment', () => {
  it.each([
    ['pending', 'cancelled'],
    ['captured', 'refund_pending'],
    ['declined', 'declined'],
    ['cancelled', 'cancelled'],
    ['refund_pending', 'refund_pending'],
    ['refunded', 'refunded'],
    ['void_pending', 'void_pending'],
  ] as const)('that is %s when its order is cancelled becomes %s', (status, expected) => {
    expect(afterCancellation(status)).toBe(expected);
  });

  it.each([
    ['pending', undefined],
    ['captured', undefined],
    ['declined', undefined],
    ['cancelled', 'cancelled'],
    ['refund_pending', 'refunded'],
    ['refunded', undefined],
    ['void_pending', 'declined'],
  ] as const)('that is %s becomes %s when its money is back', (status, expected) => {
    expect(afterRefund(status)).toBe(expected);
  });
});

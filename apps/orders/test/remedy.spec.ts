import { type Payment, paymentStatuses } from '@tradepost/contracts';
import { type PaymentStage, remedyFor } from '../src/recovery/remedy';

const payment = (status: Payment['status']): Payment => ({
  paymentId: '0197a3c8-1f2b-7c3d-8e4f-5a6b7c8d9e0f',
  orderId: '0197a3c8-1f2b-7c3d-8e4f-5a6b7c8d9e0e',
  currency: 'USD',
  amount: 2_500,
  status,
  ...(status === 'declined' && { declineReason: 'timed_out' }),
});

/** The remedy for an order that stays in a state, by the state of its payment. */
const expected: Record<PaymentStage, Record<Payment['status'] | 'none', string>> = {
  awaiting_payment: {
    none: 'resend sale-finalized',
    pending: 'wait',
    captured: 'payment-captured',
    declined: 'payment-declined: timed_out',
    cancelled: 'contradiction',
    refund_pending: 'wait',
    refunded: 'contradiction',
    void_pending: 'wait',
  },
  paid: {
    none: 'contradiction',
    pending: 'wait',
    captured: 'resend sale-finalized',
    declined: 'contradiction',
    cancelled: 'contradiction',
    refund_pending: 'wait',
    refunded: 'contradiction',
    void_pending: 'wait',
  },
  cancel_pending: {
    none: 'contradiction',
    pending: 'wait',
    captured: 'resend order-cancelled',
    declined: 'contradiction',
    cancelled: 'contradiction',
    refund_pending: 'wait',
    refunded: 'payment-refunded',
    void_pending: 'wait',
  },
};

function remedy(stage: PaymentStage, status: Payment['status'] | 'none'): string {
  const found = remedyFor(stage, status === 'none' ? undefined : payment(status));
  if (found.kind === 'resend') return `resend ${found.what}`;
  return found.kind === 'apply' ? found.event.cause : found.kind;
}

describe('the remedy for an overdue order', () => {
  it.each(Object.keys(expected) as PaymentStage[])('%s, by its payment', (stage) => {
    const found = (['none', ...paymentStatuses] as const).map((status) => [
      status,
      remedy(stage, status),
    ]);
    expect(Object.fromEntries(found)).toEqual(expected[stage]);
  });

  it('carries the amount of the payment, for the table to compare', () => {
    const found = remedyFor('awaiting_payment', payment('captured'));
    expect(found).toMatchObject({ event: { payment: { amount: 2_500, currency: 'USD' } } });
  });
});

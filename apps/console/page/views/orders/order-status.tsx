import { StateBadge, type BadgeTone } from '../../parts/badge';

/** As docs/ORDER-STATES.md has them, in the order in which they come. */
export const statuses = [
  'pending',
  'awaiting_payment',
  'paid',
  'completed',
  'rejected',
  'payment_failed',
  'cancel_pending',
  'cancelled',
];

const tones: Record<string, BadgeTone> = {
  paid: 'ok',
  completed: 'ok',
  // An end of its own, which needs no hand.
  rejected: 'refused',
  payment_failed: 'refused',
};

export function statusWords(status: string): string {
  return status.replaceAll('_', ' ');
}

export function OrderStatus({ status }: { status: string }) {
  return <StateBadge tone={tones[status] ?? 'waiting'}>{statusWords(status)}</StateBadge>;
}

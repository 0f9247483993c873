import { storable } from '@tradepost/messaging';

/** As PaymentDeclined has it. */
const reasonMax = 200;

/** The gateway's word for a decline, as it can be kept: a decline counts whatever its reason. */
export function declineReason(given: unknown): string {
  if (typeof given !== 'string' || given === '') return 'declined';
  return storable(given.slice(0, reasonMax));
}

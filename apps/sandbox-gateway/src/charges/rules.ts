export type SandboxBehaviour = 'approve' | 'decline' | 'timeout_once' | 'timeout';

const byToken = new Map<string, SandboxBehaviour>([
  ['tok_approve', 'approve'],
  ['tok_decline', 'decline'],
  ['tok_timeout_once', 'timeout_once'],
  ['tok_timeout', 'timeout'],
]);

const byLastTwoDigits = new Map<number, SandboxBehaviour>([
  [2, 'decline'],
  [3, 'timeout_once'],
  [4, 'timeout'],
]);

/**
 * What the sandbox does with a charge: by its token, or without one by the last two digits of its
 * amount (02 decline, 03 time out once, 04 always time out). It approves all others.
 */
export function behaviourFor({
  paymentToken,
  amount,
}: {
  paymentToken: string | null;
  /** Minor units. */
  amount: number;
}): SandboxBehaviour {
  const behaviour =
    paymentToken === null ? byLastTwoDigits.get(amount % 100) : byToken.get(paymentToken);
  return behaviour ?? 'approve';
}

export type SandboxDecision = 'approve' | 'decline' | 'timeout_once' | 'timeout';

const byToken = new Map<string, SandboxDecision>([
  ['tok_approve', 'approve'],
  ['tok_decline', 'decline'],
  ['tok_timeout_once', 'timeout_once'],
  ['tok_timeout', 'timeout'],
]);

const byLastTwoDigits = new Map<number, SandboxDecision>([
  [2, 'decline'],
  [3, 'timeout_once'],
  [4, 'timeout'],
]);

/**
 * What the sandbox does with a charge: what its token says, or without a token what the last two
 * digits of its amount say (02 decline, 03 time out once, 04 always time out). All else is
 * approved.
 */
export function decide({
  paymentToken,
  amount,
}: {
  paymentToken: string | null;
  /** Minor units. */
  amount: number;
}): SandboxDecision {
  const decision =
    paymentToken === null ? byLastTwoDigits.get(amount % 100) : byToken.get(paymentToken);
  return decision ?? 'approve';
}

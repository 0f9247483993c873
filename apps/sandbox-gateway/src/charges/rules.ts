const behaviours = ['approve', 'decline', 'timeout_once', 'timeout'] as const;

export type SandboxBehaviour = (typeof behaviours)[number];

const byLastTwoDigits = new Map<number, SandboxBehaviour>([
  [2, 'decline'],
  [3, 'timeout_once'],
  [4, 'timeout'],
]);

/** What decides a charge's fate; `amount` is in minor units. */
interface Terms {
  paymentToken?: string | null;
  amount: number;
}

/**
 * What the sandbox does with a charge: by its token, such as `tok_decline`, or without one by the
 * last two digits of its amount (02 decline, 03 time out once, 04 always time out). It approves all
 * others.
 */
export function behaviourFor({ paymentToken, amount }: Terms): SandboxBehaviour {
  const behaviour =
    typeof paymentToken === 'string'
      ? behaviours.find((one) => paymentToken === `tok_${one}`)
      : byLastTwoDigits.get(amount % 100);
  return behaviour ?? 'approve';
}

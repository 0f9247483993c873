/** Charges that the sandbox answers after a minute, as its page says. */
const lateTokens = ['tok_timeout', 'tok_timeout_once'];
const lateDigits = [3, 4];

/** Without what makes the sandbox play a gateway that does not answer: that is no hang. */
export function withoutTimeouts(path: string, body: unknown): unknown {
  if (path !== '/v1/charges' && path !== '/v1/orders') return body;
  if (typeof body !== 'object' || body === null) return body;
  return withoutLate(body);
}

/** Of anything that becomes a charge. */
export function withoutLate(body: object): object {
  const charge = body as Record<string, unknown>;
  const { paymentToken } = charge;
  if (lateTokens.includes(String(paymentToken))) charge.paymentToken = 'tok_approve';
  for (const name of ['amount', 'total']) {
    const { [name]: amount } = charge;
    if (typeof amount === 'number' && lateDigits.includes(amount % 100)) charge[name] = amount - 2;
  }
  return charge;
}

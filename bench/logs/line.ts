/** A line as the shop logs most of them, with its facts. */
export const text = 'order advanced';

export function factsOf(number: number): Record<string, unknown> {
  const orderId = `0190c2a4-7b1e-7c3d-8a5f-${number.toString(16).padStart(12, '0')}`;
  return { orderId, state: 'paid', cause: 'payment-captured' };
}

/** Users of both systems that may buy. */
export const customers = 12;

let placed = 0;

/** One mug: the same order for every system, from one customer after the other. */
export function newOrder(price: { unitPrice?: number } = {}): string {
  placed += 1;
  return JSON.stringify({
    customerId: String(1 + (placed % customers)),
    currency: 'USD',
    items: [{ sku: 'MUG-BLUE', quantity: 1, ...price }],
  });
}

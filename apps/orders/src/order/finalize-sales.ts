import { SaleFinalized } from '@tradepost/contracts';
import type { Tx } from '@tradepost/database';
import { sendEach } from '@tradepost/messaging';
import type { Order } from './order-details';
import type { Move } from './orders.store';

/** Those that await their payment now: each sale can be booked and paid if `tx` commits. */
export async function finalizeSales(tx: Tx, moves: readonly Move[]): Promise<void> {
  const sales = moves.flatMap(({ order, states, at, because }) => {
    const { customerName, paymentToken } = order;
    if (!states.includes('awaiting_payment') || customerName === null) return [];
    return [{ body: saleOf(order, customerName, paymentToken ?? undefined, at), because }];
  });
  await sendEach(tx, SaleFinalized, sales);
}

/** The message that finalizes a sale once its customer is known; recovery resends it. */
export function saleOf(
  order: Pick<Order, 'id' | 'customerId' | 'currency' | 'total' | 'items'>,
  customerName: string,
  paymentToken: string | undefined,
  finalizedAt: string,
): SaleFinalized {
  const { id: orderId, customerId, currency, total } = order;
  const items = order.items.map(({ sku, quantity, unitPrice }) => ({ sku, quantity, unitPrice }));
  return { orderId, customerId, customerName, currency, total, items, paymentToken, finalizedAt };
}

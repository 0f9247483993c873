import type { SaleFinalized } from '@tradepost/contracts';
import type { Order } from './order-details';

/** The message that finalizes a sale once its customer is known; recovery resends it. */
export function saleOf(
  order: Order,
  customerName: string,
  paymentToken: string | undefined,
  finalizedAt: string,
): SaleFinalized {
  const { id: orderId, customerId, currency, total } = order;
  const items = order.items.map(({ sku, quantity, unitPrice }) => ({ sku, quantity, unitPrice }));
  return { orderId, customerId, customerName, currency, total, items, paymentToken, finalizedAt };
}

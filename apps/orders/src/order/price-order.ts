import { amountMax, type Currency } from '@tradepost/contracts';
import { type Fault, Problem } from '@tradepost/service';
import type { OrderRequest } from './order-request';

/** A product and what one piece of it costs, in minor units of each currency it is sold in. */
export interface Product {
  sku: string;
  name: string;
  prices: Partial<Record<Currency, number>>;
}

export interface OrderLine {
  sku: string;
  name: string;
  quantity: number;
  /** Minor units of the order's currency. */
  unitPrice: number;
}

export type PriceRequest = Pick<OrderRequest, 'currency' | 'items' | 'expectedTotal'>;

/**
 * What the items cost, at the shop's prices.
 * @throws Problem 422: `sku-repeated`, `unknown-sku`, `sku-not-sold-in-currency` (each naming every
 *   such item), `total-too-large`, `price-changed`
 */
export function priceOrder(
  request: PriceRequest,
  products: ReadonlyMap<string, Product>,
): { items: OrderLine[]; total: number } {
  refuse(request, 'sku-repeated', 'A product is listed twice', ({ sku }, index) =>
    request.items.findIndex((item) => item.sku === sku) < index
      ? `${sku} is listed before: give one item with the sum`
      : undefined,
  );
  refuse(request, 'unknown-sku', 'No such product', ({ sku }) =>
    products.has(sku) ? undefined : `${sku} is not sold here`,
  );
  refuse(request, 'sku-not-sold-in-currency', 'No price in this currency', ({ sku }) =>
    products.get(sku)?.prices[request.currency] === undefined
      ? `${sku} is not sold in ${request.currency}`
      : undefined,
  );

  const items = request.items.map(({ sku, quantity }) => {
    const product = products.get(sku);
    const unitPrice = product?.prices[request.currency];
    if (!product || unitPrice === undefined) throw new Error(`${sku} was looked up and is gone`);
    return { sku, name: product.name, quantity, unitPrice };
  });
  const total = sum(items);
  const { expectedTotal } = request;
  if ((expectedTotal ?? total) !== total) {
    throw new Problem({
      status: 422,
      type: 'price-changed',
      title: 'The price is not the expected one',
      detail: `the order costs ${total}, not ${expectedTotal} (minor units of ${request.currency})`,
      errors: [{ pointer: '/expectedTotal', detail: `is ${total} now` }],
    });
  }
  return { items, total };
}

// A line is at most 1,000 pieces at amountMax, 10^15: exact; the sum ends at the first excess.
function sum(items: OrderLine[]): number {
  let total = 0;
  for (const { quantity, unitPrice } of items) {
    total += quantity * unitPrice;
    if (total > amountMax) {
      throw new Problem({
        status: 422,
        type: 'total-too-large',
        title: 'The order is too large',
        detail: `an order may cost at most ${amountMax} minor units`,
      });
    }
  }
  return total;
}

function refuse(
  { items }: PriceRequest,
  type: string,
  title: string,
  faultOf: (item: PriceRequest['items'][number], index: number) => string | undefined,
): void {
  const errors: Fault[] = items.flatMap((item, index) => {
    const detail = faultOf(item, index);
    return detail === undefined ? [] : [{ pointer: `/items/${index}/sku`, detail }];
  });
  if (errors.length === 0) return;
  const detail = errors.map((fault) => fault.detail).join('; ');
  throw new Problem({ status: 422, type, title, detail, errors });
}

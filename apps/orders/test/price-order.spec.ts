import { amountMax } from '@tradepost/contracts';
import { Problem, type ProblemDetails } from '@tradepost/service';
import { priceOrder, type Product, type PriceRequest } from '../src/order/price-order';

const mug: Product = { sku: 'MUG', name: 'Mug', prices: { USD: 1_250, JPY: 1_800 } };
const tea: Product = { sku: 'TEA', name: 'Tea', prices: { USD: 990 } };
const palace: Product = { sku: 'PALACE', name: 'Palace', prices: { USD: amountMax } };
const free: Product = { sku: 'FREE', name: 'Sample', prices: { USD: 0 } };
const products = new Map([mug, tea, palace, free].map((product) => [product.sku, product]));

function refusalOf(request: PriceRequest): ProblemDetails {
  try {
    priceOrder(request, products);
  } catch (error) {
    if (error instanceof Problem) return error.details;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('pricing an order', () => {
  it('multiplies and adds the shop’s prices, in the order’s currency', () => {
    const items = [
      { sku: 'MUG', quantity: 2 },
      { sku: 'TEA', quantity: 3 },
    ];
    expect(priceOrder({ currency: 'USD', items }, products)).toEqual({
      items: [
        { sku: 'MUG', name: 'Mug', quantity: 2, unitPrice: 1_250 },
        { sku: 'TEA', name: 'Tea', quantity: 3, unitPrice: 990 },
      ],
      total: 5_470,
    });
  });

  it('prices a currency without a decimal point in whole units', () => {
    const items = [{ sku: 'MUG', quantity: 3 }];
    expect(priceOrder({ currency: 'JPY', items }, products).total).toBe(5_400);
  });

  it('takes an expected total that is right, and an absent or null one', () => {
    const request = { currency: 'USD' as const, items: [{ sku: 'MUG', quantity: 1 }] };
    expect(priceOrder({ ...request, expectedTotal: 1_250 }, products).total).toBe(1_250);
    expect(priceOrder({ ...request, expectedTotal: null }, products).total).toBe(1_250);
    expect(priceOrder(request, products).total).toBe(1_250);
  });

  it('takes a price of zero for a price', () => {
    const items = [{ sku: 'FREE', quantity: 1 }];
    expect(priceOrder({ currency: 'USD', items }, products).total).toBe(0);
  });

  it.each([0, 1_249])('refuses an expected total of %d when it is 1250', (expectedTotal) => {
    const items = [{ sku: 'MUG', quantity: 1 }];
    const refusal = refusalOf({ currency: 'USD', items, expectedTotal });
    expect(refusal).toMatchObject({
      status: 422,
      type: 'https://tradepost.dev/problems/price-changed',
      errors: [{ pointer: '/expectedTotal', detail: 'is 1250 now' }],
    });
  });

  it('names every unknown sku', () => {
    const items = ['NO-1', 'MUG', 'NO-2'].map((sku) => ({ sku, quantity: 1 }));
    expect(refusalOf({ currency: 'USD', items })).toMatchObject({
      status: 422,
      type: 'https://tradepost.dev/problems/unknown-sku',
      errors: [{ pointer: '/items/0/sku' }, { pointer: '/items/2/sku' }],
    });
  });

  it('refuses a product that has no price in the currency', () => {
    const items = [{ sku: 'TEA', quantity: 1 }];
    expect(refusalOf({ currency: 'JPY', items })).toMatchObject({
      status: 422,
      type: 'https://tradepost.dev/problems/sku-not-sold-in-currency',
      errors: [{ pointer: '/items/0/sku', detail: 'TEA is not sold in JPY' }],
    });
  });

  it('refuses a product that is listed twice', () => {
    const items = ['MUG', 'TEA', 'MUG'].map((sku) => ({ sku, quantity: 1 }));
    expect(refusalOf({ currency: 'USD', items })).toMatchObject({
      status: 422,
      type: 'https://tradepost.dev/problems/sku-repeated',
      errors: [{ pointer: '/items/2/sku' }],
    });
  });

  it('takes the largest total there is and refuses one unit more', () => {
    const items = [{ sku: 'PALACE', quantity: 1 }];
    expect(priceOrder({ currency: 'USD', items }, products).total).toBe(amountMax);
    const more = [...items, { sku: 'TEA', quantity: 1 }];
    expect(refusalOf({ currency: 'USD', items: more })).toMatchObject({
      status: 422,
      type: 'https://tradepost.dev/problems/total-too-large',
    });
  });
});

import { Usage } from '../../ops/shop/arguments';
import { ceilingOf, nextRate, problemOf, type Step, type Tried } from '../traffic/ceiling';
import { commandOf } from '../traffic/command';
import { Histogram } from '../traffic/histogram';
import { bar, histogramLines } from '../traffic/print';
import { purchasesOf, type Product, type Purchase } from '../traffic/purchases';

describe('the histogram', () => {
  const filled = (...values: number[]) => {
    const histogram = new Histogram();
    for (const ms of values) histogram.add(ms);
    return histogram;
  };

  it('has percentiles that are at most 5 % above the true ones', () => {
    const histogram = filled(...Array.from({ length: 1_000 }, (_, index) => index + 1));
    for (const share of [0.01, 0.5, 0.9, 0.99, 1]) {
      const ratio = (histogram.percentile(share) ?? 0) / (share * 1_000);
      expect(ratio).toBeGreaterThanOrEqual(1 - 1e-9);
      expect(ratio).toBeLessThan(1.051);
    }
  });

  it('counts everything once, from nothing to more than its last limit', () => {
    const histogram = filled(0, 0.05, 9, 11, 400, 1e9);
    expect(histogram.counts([10, 100])).toEqual([3, 1, 2]);
    expect(histogram.maxMs).toBe(1e9);
    expect(new Histogram().percentile(0.5)).toBeUndefined();
  });

  it('is drawn from its first bar to its last, and shows what is little', () => {
    const histogram = filled(...Array.from({ length: 999 }, () => 30), 300);
    expect(histogramLines('POST', histogram)).toEqual([
      'POST:',
      `   ≤ 50 ms ${'█'.repeat(40)} 999`,
      `  ≤ 100 ms ${' '.repeat(40)} 0`,
      `  ≤ 200 ms ${' '.repeat(40)} 0`,
      `  ≤ 500 ms ▏${' '.repeat(39)} 1`,
      '',
    ]);
    expect(bar(0)).toBe('');
  });
});

describe('purchases', () => {
  const products: Product[] = [
    { sku: 'MUG', prices: { USD: 100, EUR: 90 } },
    { sku: 'TEA', prices: { USD: 50 } },
    { sku: 'POT', prices: { JPY: 2_000 } },
  ];
  const first = (count: number, seed: number): Purchase[] => {
    const purchases = purchasesOf(products, seed);
    return Array.from({ length: count }, () => purchases.next().value as Purchase);
  };

  it('are the same for the same seed, and others for another', () => {
    expect(first(200, 7)).toEqual(first(200, 7));
    expect(first(200, 7)).not.toEqual(first(200, 8));
  });

  it('have only products that are sold in their currency, each once', () => {
    const orders = first(2_000, 1).map(({ order }) => order);
    for (const { currency, items } of orders) {
      const skus = items.map(({ sku }) => sku);
      expect(new Set(skus).size).toBe(skus.length);
      const prices = products
        .filter(({ sku }) => skus.includes(sku))
        .map((one) => Object.keys(one.prices));
      expect(prices.filter((sold) => sold.includes(currency))).toHaveLength(skus.length);
    }
    expect(new Set(orders.map(({ currency }) => currency))).toEqual(new Set(['USD', 'EUR', 'JPY']));
    expect(new Set(orders.map(({ items }) => items.length))).toEqual(new Set([1, 2]));
  });

  it('fail and are cancelled sometimes', () => {
    const all = first(2_000, 1);
    const tokens = new Set(all.map(({ order }) => order.paymentToken));
    expect(tokens).toEqual(new Set(['tok_approve', 'tok_decline', 'tok_timeout_once']));
    const cancelled = all.filter(({ cancelAfterMs }) => cancelAfterMs !== undefined);
    expect(cancelled.length).toBeGreaterThan(40);
    expect(cancelled.length).toBeLessThan(160);
  });
});

describe('the ceiling', () => {
  const step: Step = {
    perSecond: 100,
    seconds: 5,
    accepted: 500,
    failed: 0,
    p99Ms: 80,
    inFlight: { before: 10, after: 30 },
  };

  it('is kept up with unless orders are turned away, answers are late or the backlog grows', () => {
    expect(problemOf(step)).toBeUndefined();
    expect(problemOf({ ...step, accepted: 490, failed: 10 })).toBe('10 of 500 not accepted');
    expect(problemOf({ ...step, p99Ms: 1_200 })).toBe('p99 of POST 1200 ms');
    expect(problemOf({ ...step, inFlight: { before: 10, after: 210 } })).toBe(
      'in flight grew by 200',
    );
  });

  it.each([333, 60, 5_000, 20])('of %d a second is found from below', (most) => {
    const tried: Tried[] = [];
    for (;;) {
      const perSecond = nextRate(tried, 10_000);
      if (perSecond === undefined) break;
      tried.push({ ...step, perSecond, ...(perSecond > most && { problem: 'too many' }) });
    }
    expect(ceilingOf(tried)).toBeLessThanOrEqual(most);
    expect(ceilingOf(tried)).toBeGreaterThan(most * 0.85);
    expect(tried.length).toBeLessThan(15);
  });

  it('ends where there is none, and at the highest rate', () => {
    const bad = (perSecond: number) => ({ ...step, perSecond, problem: 'down' });
    const tried: Tried[] = [];
    for (let rate = nextRate(tried, 800); rate !== undefined; rate = nextRate(tried, 800)) {
      tried.push(bad(rate));
    }
    expect(ceilingOf(tried)).toBe(0);
    expect(nextRate([{ ...step, perSecond: 800 }], 800)).toBeUndefined();
  });
});

describe('the command line', () => {
  it('has defaults, and takes durations', () => {
    expect(commandOf([])).toMatchObject({ rate: 50, forMs: 60_000, withinMs: 60_000, json: false });
    expect(commandOf(['--rate', 'max'])).toMatchObject({ rate: 'max', forMs: 90_000 });
    expect(
      commandOf(['--for', '1.5m', '--seed', '7', '--orders', 'http://shop:3000/']),
    ).toMatchObject({
      forMs: 90_000,
      seed: 7,
      ordersUrl: 'http://shop:3000',
    });
  });

  it.each([
    [['--rate', 'fast']],
    [['--rate', '0']],
    [['--for', '10']],
    [['--for', '9999h']],
    [['--within', '-1s']],
    [['--seed', 'x']],
    [['--orders', 'shop:3000']],
    [['--unheard-of']],
    [['now']],
  ])('%j is refused', (args) => {
    expect(() => commandOf(args)).toThrow(Usage);
  });
});

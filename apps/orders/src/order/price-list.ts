import { Injectable } from '@nestjs/common';
import type { Tx } from '@tradepost/database';
import { OrdersConfig } from '../orders.config';
import type { Product } from './price-order';
import { ProductsStore } from './products.store';

/** Products kept at most. A shop that sells more of them at a time reads some of them again. */
const keptMax = 10_000;

/**
 * A cache of products, each kept for PRICES_TTL_MS. Without it every order begins with a read of
 * rows that hardly ever change: one round trip of five. A changed price takes effect after the TTL
 * at the latest; an order shows its quoted prices, and `expectedTotal` guards the caller. Unknown
 * skus are not kept, so that nonsense fills nothing.
 */
@Injectable()
export class PriceList {
  private readonly kept = new Map<string, { product: Product; untilMs: number }>();

  constructor(
    private readonly products: ProductsStore,
    private readonly config: OrdersConfig,
  ) {}

  /** Those of the products that exist. */
  async find(tx: Tx, skus: readonly string[]): Promise<Map<string, Product>> {
    const nowMs = performance.now();
    const found = new Map<string, Product>();
    const missing = new Set<string>();
    for (const sku of skus) {
      const kept = this.kept.get(sku);
      if (kept && kept.untilMs > nowMs) found.set(sku, kept.product);
      else missing.add(sku);
    }
    if (missing.size > 0) {
      for (const product of await this.products.find(tx, [...missing])) {
        found.set(product.sku, product);
        this.keep(product, nowMs);
      }
    }
    return found;
  }

  private keep(product: Product, nowMs: number): void {
    if (this.kept.size >= keptMax) this.kept.clear();
    this.kept.set(product.sku, { product, untilMs: nowMs + this.config.PRICES_TTL_MS });
  }
}

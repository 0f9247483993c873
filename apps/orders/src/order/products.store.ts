import { Injectable } from '@nestjs/common';
import { Db, type Tx } from '@tradepost/database';
import type { Product } from './price-order';

const columns = `
  sku, name,
  (SELECT coalesce(jsonb_object_agg(currency, unit_price), '{}')
     FROM prices WHERE prices.sku = products.sku) AS prices`;

const findProducts = {
  name: 'orders-find-products',
  text: `SELECT ${columns} FROM products WHERE sku = ANY($1)`,
};

const listProducts = {
  name: 'orders-list-products',
  text: `SELECT ${columns} FROM products WHERE sku > $1 ORDER BY sku LIMIT $2`,
};

@Injectable()
export class ProductsStore {
  constructor(private readonly db: Db) {}

  async find(tx: Tx, skus: readonly string[]): Promise<Product[]> {
    return tx.query<Product>(findProducts, [skus]);
  }

  /** By sku, those after `afterSku` (the empty text: from the first). */
  async list(afterSku: string, limit: number): Promise<Product[]> {
    return this.db.query<Product>(listProducts, [afterSku, limit]);
  }
}

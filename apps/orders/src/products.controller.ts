import { Controller, Get, Query } from '@nestjs/common';
import { decodeCursor, Open, type Page, PageQuery, toPage } from '@tradepost/service';
import type { Product } from './order/price-order';
import { ProductsStore } from './order/products.store';

@Controller('v1/products')
@Open('a catalogue is there to be read')
export class ProductsController {
  constructor(private readonly products: ProductsStore) {}

  /** List products with their prices. */
  @Get()
  async list(@Query() { cursor, limit }: PageQuery): Promise<Page<Product>> {
    const [afterSku] = cursor === undefined ? [''] : decodeCursor(cursor, 'string');
    const rows = await this.products.list(afterSku, limit + 1);
    return toPage(rows, limit, ({ sku }) => [sku]);
  }
}

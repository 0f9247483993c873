import { work } from '@tradepost/messaging/contract';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsInt,
  IsISO8601,
  IsString,
  IsUUID,
  Length,
  Min,
  ValidateNested,
} from 'class-validator';

class SaleItem {
  @IsString()
  @Length(1, 64)
  sku!: string;

  @IsInt()
  @Min(1)
  quantity!: number;

  @IsInt()
  @Min(0)
  unitPrice!: number;
}

/** What every peer publishes and checks: some 500 bytes of JSON with nested items. */
export class Sale {
  static readonly route = work('bench.take-sale');

  /** Tells one sale from another: a copy counts once. */
  @IsInt()
  @Min(0)
  number!: number;

  @IsUUID()
  orderId!: string;

  @IsUUID()
  customerId!: string;

  @IsString()
  @Length(3, 3)
  currency!: string;

  @IsInt()
  @Min(0)
  total!: number;

  @IsISO8601()
  placedAt!: string;

  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(100)
  @ValidateNested({ each: true })
  @Type(() => SaleItem)
  items!: SaleItem[];
}

/** The same for a handler that takes many: a queue of its own. */
export class SaleOfBatch extends Sale {
  static override readonly route = work('bench.take-sales', { bundled: true });
}

/** The same for a handler in order: each sale is of an order of its own. */
export class SaleInOrder extends Sale {
  static override readonly route = work('bench.take-sales-in-order', { key: 'orderId' });
}

/** The same of one customer: one waits for the other. */
export class SaleInOneOrder extends Sale {
  static override readonly route = work('bench.take-sales-one-by-one', { key: 'currency' });
}

const skus = ['MUG-BLUE', 'TEE-BLACK-M', 'POSTER-A2', 'STICKERS-9', 'NOTEBOOK-GRID', 'SOCKS-42'];

export function saleOf(number: number): Sale {
  const tail = number.toString(16).padStart(12, '0');
  const items = skus.map((sku, i) => ({ sku, quantity: i + 1, unitPrice: 1_250 + i * 300 }));
  return {
    number,
    orderId: `0190c2a4-7b1e-7c3d-8a5f-${tail}`,
    customerId: `0190c2a4-1f00-7d2b-9b6e-${tail}`,
    currency: 'USD',
    total: items.reduce((sum, { quantity, unitPrice }) => sum + quantity * unitPrice, 0),
    placedAt: '2026-11-26T04:00:00.000Z',
    items,
  };
}

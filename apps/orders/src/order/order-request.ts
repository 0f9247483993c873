import { amountMax, currencies, type Currency } from '@tradepost/contracts';
import { harmless } from '@tradepost/messaging';
import { bulkPageMax, pageMax, pageQuery } from '@tradepost/service';
import { Transform, Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  Matches,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { orderStatuses, type OrderStatus } from './order';

const itemsMax = 100;

/** Printable ASCII without spaces: safe in logs and in the database. */
const token = /^[!-~]{1,64}$/;
const tokenMessage = { message: '$property must be 1 to 64 printable characters without spaces' };

export class OrderItemRequest {
  @Matches(token, tokenMessage)
  sku!: string;

  @IsInt()
  @Min(1)
  @Max(1_000)
  quantity!: number;
}

/** The body of `POST /v1/orders`. It names no prices: those are the shop's. */
export class OrderRequest {
  static readonly sample: OrderRequest = {
    customerId: '1',
    currency: 'USD',
    items: [{ sku: 'MUG-BLUE', quantity: 2 }],
    expectedTotal: 2500,
  };

  @Matches(token, tokenMessage)
  customerId!: string;

  @IsIn(currencies)
  currency!: Currency;

  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(itemsMax)
  // ValidateNested alone takes an empty list for an item.
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => OrderItemRequest)
  // One item too many is enough to refuse a list: the rest of a huge one is not validated.
  @Transform(
    harmless(({ value }: { value: unknown }) =>
      Array.isArray(value) ? value.slice(0, itemsMax + 1) : value,
    ),
  )
  items!: OrderItemRequest[];

  /** Minor units. The order is refused when the prices add up to another; null: any will do. */
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(amountMax)
  expectedTotal?: number | null;

  /** The payment gateway's token of the customer's means of payment. */
  @IsOptional()
  @Matches(token, tokenMessage)
  paymentToken?: string;
}

/** Characters of any script, not spaces alone: a timeline and a log line can show them. */
const reason = /^(?=.*\S)[^\p{Control}\u2028\u2029]{1,500}$/u;

/** The body of `POST /v1/orders/{id}/cancel`. */
export class CancelRequest {
  static readonly sample: CancelRequest = { reason: 'changed my mind' };

  @IsString()
  @Matches(reason, { message: '$property must be 1 to 500 characters on one line, not all spaces' })
  reason!: string;
}

const parts = ['timeline'] as const;

const limitMax = ({ include }: { include?: unknown }) => (include ? bulkPageMax : pageMax);

/** The query of `GET /v1/orders`. Pages of whole orders may be large: audits read them all. */
export class OrdersQuery extends pageQuery(limitMax) {
  static readonly sample: OrdersQuery = { status: 'completed', customerId: '1', limit: 10 };

  @IsOptional()
  @IsIn(orderStatuses)
  status?: OrderStatus;

  @IsOptional()
  @Matches(token, tokenMessage)
  customerId?: string;

  /** Parts of each order beyond its own fields. */
  @IsOptional()
  @IsIn(parts)
  include?: (typeof parts)[number];
}

import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsRFC3339,
  IsString,
  IsUUID,
  Length,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { amountMax, currencies, type Currency } from '../money';
import { fanout } from '@tradepost/messaging/contract';

export class SaleItem {
  static readonly sample: SaleItem = { sku: 'MUG', quantity: 2, unitPrice: 990 };

  @IsString()
  @Length(1, 64)
  sku!: string;

  @IsInt()
  @Min(1)
  @Max(1_000)
  quantity!: number;

  /** Minor units of the sale's currency. */
  @IsInt()
  @Min(0)
  @Max(amountMax)
  unitPrice!: number;
}

/** Sent by orders when the customer is known and the sale stands: it can be booked and paid. */
export class SaleFinalized {
  static readonly route = fanout('sale-finalized', { bundled: true });
  static readonly sample: SaleFinalized = {
    orderId: '0197a3c8-1f2b-7c3d-8e4f-5a6b7c8d9e0e',
    customerId: '1',
    customerName: 'Paul Jhon',
    currency: 'JPY',
    total: 3_960,
    items: [SaleItem.sample, SaleItem.sample],
    paymentToken: 'tok_approve',
    finalizedAt: '2026-01-31T12:00:00.000Z',
  };

  @IsUUID()
  orderId!: string;

  @IsString()
  @Length(1, 64)
  customerId!: string;

  @IsString()
  @Length(1, 200)
  customerName!: string;

  @IsIn(currencies)
  currency!: Currency;

  /** Minor units of `currency`. */
  @IsInt()
  @Min(0)
  @Max(amountMax)
  total!: number;

  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(100)
  // Without it ValidateNested lets an empty list pass for an item.
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => SaleItem)
  items!: SaleItem[];

  /** How the customer pays, as the payment gateway knows it. */
  @IsOptional()
  @IsString()
  @Length(1, 64)
  paymentToken?: string;

  @IsRFC3339()
  finalizedAt!: string;
}

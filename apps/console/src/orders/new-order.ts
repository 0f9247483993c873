import { IsIntBetween } from '@tradepost/service';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsIn,
  IsObject,
  IsString,
  Length,
  ValidateNested,
} from 'class-validator';
import type { NewBurst, NewOrder } from '../api/orders';

const payments = ['approve', 'decline', 'timeout-once', 'timeout', 'unknown-customer'] as const;

class NewItem {
  @IsString()
  @Length(1, 64)
  sku!: string;

  @IsIntBetween(1, 1_000)
  quantity!: number;
}

export class NewOrderBody implements NewOrder {
  @IsString()
  @Length(1, 64)
  customerId!: string;

  @IsString()
  @Length(3, 3)
  currency!: string;

  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(20)
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => NewItem)
  items!: NewItem[];

  @IsIn(payments)
  payment!: NewOrder['payment'];
}

export class NewBurstBody extends NewOrderBody implements NewBurst {
  @IsIntBetween(1, 5_000)
  count!: number;

  @IsIntBetween(1, 500)
  rate!: number;
}

/** Of whom users knows nothing: the order ends `rejected`. */
const unknownCustomer = '999';

const tokens: Record<NewOrder['payment'], string> = {
  approve: 'tok_approve',
  decline: 'tok_decline',
  'timeout-once': 'tok_timeout_once',
  timeout: 'tok_timeout',
  'unknown-customer': 'tok_approve',
};

/** What orders is asked for. */
export function requestFor({ customerId, currency, items, payment }: NewOrder): object {
  const customer = payment === 'unknown-customer' ? unknownCustomer : customerId;
  return { customerId: customer, currency, items, paymentToken: tokens[payment] };
}

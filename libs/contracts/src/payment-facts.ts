import { IsIn, IsInt, IsUUID, Max, Min } from 'class-validator';
import { amountMax, currencies, type Currency } from './money';

/** What every event about a payment carries: what it is for, not whether it was paid. */
export abstract class PaymentFacts {
  @IsUUID()
  paymentId!: string;

  @IsUUID()
  orderId!: string;

  @IsIn(currencies)
  currency!: Currency;

  /** What the payment is for, in minor units of `currency`. */
  @IsInt()
  @Min(0)
  @Max(amountMax)
  amount!: number;
}

import { IsIn, IsInt, IsUUID, Max, Min } from 'class-validator';
import { amountMax, currencies, type Currency } from './money';

/** What every event about a payment says. */
export abstract class PaymentFacts {
  @IsUUID()
  paymentId!: string;

  @IsUUID()
  orderId!: string;

  @IsIn(currencies)
  currency!: Currency;

  /** Minor units of `currency`. */
  @IsInt()
  @Min(0)
  @Max(amountMax)
  amount!: number;
}

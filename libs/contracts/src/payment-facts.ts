import { IsIn, IsInt, IsUUID, Max, Min } from 'class-validator';
import { amountMax, currencies, type Currency } from './money';

/** What every event about a payment carries: what it is for, not whether it was paid. */
export abstract class PaymentFacts {
  static readonly sample: PaymentFacts = {
    paymentId: '0197a3c8-1f2b-7c3d-8e4f-5a6b7c8d9e0f',
    orderId: '0197a3c8-1f2b-7c3d-8e4f-5a6b7c8d9e0e',
    currency: 'USD',
    amount: 1_990,
  };

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

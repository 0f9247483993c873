import { IsInt, IsOptional, IsString, IsUUID, Length, Matches, Max, Min } from 'class-validator';

export class PaymentParams {
  @IsUUID()
  paymentId!: string;
}

export class RefundRequest {
  static readonly sample: RefundRequest = {
    paymentId: '0197a3c8-1f2b-7c3d-8e4f-5a6b7c8d9e0f',
    currency: 'USD',
    amount: 2500,
  };

  /** A repeated request with the same id does nothing more. */
  @IsUUID()
  paymentId!: string;

  /** ISO 4217. */
  @Matches(/^[A-Z]{3}$/, { message: 'currency must be three capital letters' })
  currency!: string;

  /** Minor units of `currency`. */
  @IsInt()
  @Min(0)
  @Max(Number.MAX_SAFE_INTEGER)
  amount!: number;
}

export class ChargeRequest extends RefundRequest {
  static override readonly sample: ChargeRequest = {
    ...RefundRequest.sample,
    paymentToken: 'tok_visa',
  };

  @IsOptional()
  @IsString()
  @Length(1, 200)
  paymentToken?: string;
}

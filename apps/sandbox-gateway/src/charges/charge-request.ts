import { IsInt, IsOptional, IsString, IsUUID, Length, Matches, Max, Min } from 'class-validator';

export class PaymentParams {
  @IsUUID()
  paymentId!: string;
}

export class RefundRequest {
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
  @IsOptional()
  @IsString()
  @Length(1, 200)
  paymentToken?: string;
}

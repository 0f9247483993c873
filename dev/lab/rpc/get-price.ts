import { rpc } from '@tradepost/messaging/contract';
import { IsInt, IsString } from 'class-validator';

export class Price {
  /** Minor units. */
  @IsInt()
  amount!: number;

  @IsString()
  currency!: string;
}

/** A question: its answer is a Price, or a refusal with a code. */
export class GetPrice {
  static readonly route = rpc('pricing.get-price', Price);

  @IsString()
  sku!: string;
}

import { work } from '@tradepost/messaging/contract';
import { IsString } from 'class-validator';

export class ChargeCard {
  static readonly route = work('payments.charge-card');

  @IsString()
  card!: string;
}

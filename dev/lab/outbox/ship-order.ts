import { work } from '@tradepost/messaging/contract';
import { IsInt } from 'class-validator';

export class ShipOrder {
  static readonly route = work('shop.ship-order');

  @IsInt()
  order!: number;
}

import { fanout } from '@tradepost/messaging/contract';
import { IsInt } from 'class-validator';

/** Has happened: every service that listens has a queue of its own, and gets a copy. */
export class OrderPlaced {
  static readonly route = fanout('order-placed');

  @IsInt()
  order!: number;
}

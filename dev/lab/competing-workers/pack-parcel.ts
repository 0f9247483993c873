import { work } from '@tradepost/messaging/contract';
import { IsInt } from 'class-validator';

/** One queue; every worker takes from it, and each message goes to one of them. */
export class PackParcel {
  static readonly route = work('warehouse.pack-parcel');

  @IsInt()
  parcel!: number;
}

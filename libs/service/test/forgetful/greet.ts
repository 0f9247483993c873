import { fanout, work } from '@tradepost/messaging/contract';
import { IsString } from 'class-validator';

export class Greet {
  static readonly route = work('forgetful.greet');

  @IsString()
  whom!: string;
}

export class Greeted {
  static readonly route = fanout('greeted');

  @IsString()
  whom!: string;
}

import { fanout, rpc, topic, work } from '@tradepost/messaging/contract';
import { IsInt, IsString, Length } from 'class-validator';

/** One contract of each pattern, for the tests of the runtime. */
export class DoWork {
  static readonly route = work('tests.do-work');

  @IsString()
  @Length(1, 100)
  what!: string;
}

export class Happened {
  static readonly route = fanout('happened');

  @IsString()
  @Length(1, 100)
  what!: string;
}

export class Noted {
  static readonly route = topic('notes');

  @IsString()
  what!: string;
}

export class Doubled {
  @IsInt()
  value!: number;
}

export class Double {
  static readonly route = rpc('tests.double', Doubled);

  @IsInt()
  value!: number;
}

export class Found {
  @IsInt()
  value!: number;
}

export class Find {
  static readonly route = rpc('tests.find', Found, { readOnly: true });

  @IsInt()
  value!: number;
}

/** For handlers in order. */
export class Moved {
  static readonly route = fanout('moved', { key: 'orderId' });

  @IsString()
  orderId!: string;

  @IsInt()
  step!: number;
}

export class Ship {
  static readonly route = work('tests.ship', { key: 'orderId' });

  @IsString()
  orderId!: string;

  @IsInt()
  step!: number;
}

import { Injectable } from '@nestjs/common';

/** What nobody can foresee. A rate of 0 never happens, one of 1 always does. */
@Injectable()
export class Chance {
  happens(rate: number): boolean {
    return Math.random() < rate;
  }

  /** Any time from 0 to `ms`. */
  within(ms: number): number {
    return Math.round(Math.random() * ms);
  }
}

import { Injectable } from '@nestjs/common';
import { OnFanout } from '@tradepost/messaging';
import { Greeted } from './greet';

/** Its module does not list it. */
@Injectable()
export class GreetedFanout {
  @OnFanout(Greeted)
  async handle(): Promise<void> {
    await Promise.resolve();
  }
}

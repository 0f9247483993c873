import { Injectable } from '@nestjs/common';
import { OnWork } from '@tradepost/messaging';
import { Greet } from './greet';

@Injectable()
export class GreetWork {
  @OnWork(Greet)
  async handle(): Promise<void> {
    await Promise.resolve();
  }
}

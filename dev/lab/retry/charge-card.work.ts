import { Injectable } from '@nestjs/common';
import { type Message, OnWork, Rejected } from '@tradepost/messaging';
import { Column } from '../screen';
import { ChargeCard } from './charge-card';

@Injectable()
export class ChargeCardWork {
  constructor(private readonly column: Column) {}

  /** Return: done. Throw: tried again after each of these waits. `Rejected`: never again. */
  @OnWork(ChargeCard, { retry: ['1s', '5s'] })
  async handle({ card }: ChargeCard, { attempt }: Message): Promise<void> {
    if (card === 'stolen') {
      this.column.say(`${card}, attempt ${attempt}: Rejected`);
      throw new Rejected('card_stolen', 'no bank will ever take it');
    }
    if (card === 'unlucky' || attempt < 3) {
      this.column.say(`${card}, attempt ${attempt}: fails`);
      throw new BankAway('the bank does not answer');
    }
    this.column.say(`${card}, attempt ${attempt}: charged ✔`);
  }
}

class BankAway extends Error {
  override readonly name = 'BankAway';
}

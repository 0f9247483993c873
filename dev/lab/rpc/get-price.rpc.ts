import { Injectable } from '@nestjs/common';
import { OnRpc, Rejected } from '@tradepost/messaging';
import { Pace } from '../pace';
import { Column } from '../screen';
import { GetPrice, type Price } from './get-price';

const prices: Record<string, { amount: number; beats: number }> = {
  MUG: { amount: 1_250, beats: 0.5 },
  LAMP: { amount: 8_900, beats: 1.5 },
  TEA: { amount: 990, beats: 0.5 },
};

@Injectable()
export class GetPriceRpc {
  constructor(
    private readonly column: Column,
    private readonly pace: Pace,
  ) {}

  @OnRpc(GetPrice)
  async answer({ sku }: GetPrice): Promise<Price> {
    const price = prices[sku];
    await this.pace.beats(price?.beats ?? 0.5);
    if (price === undefined) {
      this.column.say(`refuses ${sku}: unknown_sku`);
      throw new Rejected('unknown_sku', `there is no ${sku}`);
    }
    this.column.say(`answers ${sku}: ${price.amount} USD`);
    return { amount: price.amount, currency: 'USD' };
  }
}

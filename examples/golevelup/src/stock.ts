import { Injectable } from '@nestjs/common';

export interface Order {
  orderId: string;
  sku: string;
  quantity: number;
}

@Injectable()
export class Stock {
  private readonly left = new Map([['MUG-BLUE', 10]]);

  /** @throws when there are too few */
  async reserve({ sku, quantity }: Order): Promise<void> {
    const left = (this.left.get(sku) ?? 0) - quantity;
    if (left < 0) throw new Error(`too few of ${sku}`);
    this.left.set(sku, left);
  }

  async leftOf(sku: string): Promise<number> {
    return this.left.get(sku) ?? 0;
  }
}

import { Injectable } from '@nestjs/common';
import { Db } from '@tradepost/database';
import { send } from '@tradepost/messaging';
import { ShipOrder } from './ship-order';

const insertOrder = { name: 'lab-insert-order', text: 'INSERT INTO orders (number) VALUES ($1)' };

@Injectable()
export class PlaceOrder {
  constructor(private readonly db: Db) {}

  /** The order and its message commit together, or neither. Nothing here needs the broker. */
  async run(order: number, check: () => void = () => undefined): Promise<void> {
    await this.db.transaction(async (tx) => {
      await tx.query(insertOrder, [order]);
      await send(tx, ShipOrder, { order });
      check();
    });
  }
}

import { Injectable } from '@nestjs/common';
import { Db } from '@tradepost/database';
import { type Message, once, OnWork } from '@tradepost/messaging';
import { Column } from '../screen';
import { ShipOrder } from './ship-order';

const insertShipment = {
  name: 'lab-insert-shipment',
  text: 'INSERT INTO shipments (number) VALUES ($1)',
};

@Injectable()
export class ShipOrderWork {
  constructor(
    private readonly db: Db,
    private readonly column: Column,
  ) {}

  /** A copy finds the mark that `once` made: it commits with the effect. */
  @OnWork(ShipOrder, { prefetch: 1 })
  async handle({ order }: ShipOrder, message: Message): Promise<void> {
    const isNew = await this.db.transaction(async (tx) => {
      if (!(await once(tx, message))) return false;
      await tx.query(insertShipment, [order]);
      return true;
    });
    this.column.say(isNew ? `ships order ${order}` : `a copy of order ${order}`);
  }
}

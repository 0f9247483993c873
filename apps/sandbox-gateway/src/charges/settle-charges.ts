import { Injectable } from '@nestjs/common';
import { Db } from '@tradepost/database';
import { SandboxBooks } from './books.store';
import { Callbacks } from '../callbacks/callbacks';

const batchMax = 100;

/** Decides pending charges whose time has come, and puts down that it is to be told. */
@Injectable()
export class SettleCharges {
  constructor(
    private readonly db: Db,
    private readonly books: SandboxBooks,
    private readonly callbacks: Callbacks,
  ) {}

  /** @returns whether there may be more of them */
  async run(): Promise<boolean> {
    return this.db.transaction(async (tx) => {
      const settled = await this.books.settle(tx, batchMax);
      for (const charge of settled) {
        await this.callbacks.announce(`charge.${charge.outcome}`, charge, tx);
      }
      return settled.length === batchMax;
    });
  }
}

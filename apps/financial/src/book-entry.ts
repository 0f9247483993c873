import { Injectable } from '@nestjs/common';
import { Db } from '@tradepost/database';
import { type Message, once } from '@tradepost/messaging';
import type { Entry } from './entries';
import { LedgerStore } from './ledger.store';

/** Books what a message says, once; an order with an entry of that kind keeps the one it has. */
@Injectable()
export class BookEntry {
  constructor(
    private readonly db: Db,
    private readonly ledger: LedgerStore,
  ) {}

  async run(entry: Entry, message: Message): Promise<void> {
    await this.db.transaction(async (tx) => {
      if (await once(tx, message)) await this.ledger.book(tx, [entry]);
    });
  }
}

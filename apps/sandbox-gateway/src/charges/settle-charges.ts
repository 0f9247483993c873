import { Injectable } from '@nestjs/common';
import { Db } from '@tradepost/database';
import { Periodic } from '@tradepost/service';
import { ChargesStore } from './charges.store';
import { ScheduleCallbacks } from '../callbacks/schedule-callbacks';

const everyMs = 250;
const batches = { size: 100, max: 100 };

/** Settles pending charges whose time has come, and schedules the callbacks that report it. */
@Injectable()
export class SettleCharges extends Periodic {
  constructor(
    private readonly db: Db,
    private readonly charges: ChargesStore,
    private readonly scheduleCallbacks: ScheduleCallbacks,
  ) {
    super(everyMs);
  }

  async run(): Promise<number> {
    return this.inBatches(batches, async (size) =>
      this.db.transaction(async (tx) => {
        const settled = await this.charges.settle(tx, size);
        for (const charge of settled) {
          await this.scheduleCallbacks.run(`charge.${charge.outcome}`, charge, tx);
        }
        return settled.length;
      }),
    );
  }
}

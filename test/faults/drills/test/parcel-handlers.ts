import { Injectable } from '@nestjs/common';
import { work } from '@tradepost/messaging/contract';
import { Db } from '@tradepost/database';
import { once, OnWork, type Message } from '@tradepost/messaging';
import type { DrillSubject } from '../drill-subject';
import { IsInt } from 'class-validator';

/** A module as a user would write it for `npm run drill -- --module`. */

class PackParcel {
  static readonly route = work('warehouse.pack-parcel');

  @IsInt()
  parcel!: number;
}

const insertParcel = { name: 'insert-parcel', text: 'INSERT INTO parcels (job) VALUES ($1)' };

@Injectable()
class Packer {
  constructor(private readonly db: Db) {}

  @OnWork(PackParcel)
  async pack({ parcel }: PackParcel, message: Message): Promise<void> {
    await this.db.transaction(async (tx) => {
      // What the drill is to find out, when a test says so: a handler without this line.
      if (!process.env['DRILL_FORGETS_ONCE'] && !(await once(tx, message))) return;
      await tx.query(insertParcel, [parcel]);
    });
  }
}

export const subject: DrillSubject = {
  service: 'warehouse',
  providers: [Packer],
  migrations: ['test/faults/drills/test/migrations'],
  main: {
    contract: PackParcel,
    body: (job) => ({ parcel: job }),
    effects: 'SELECT job FROM parcels',
  },
};

import { Injectable } from '@nestjs/common';
import { fanout, work } from '@tradepost/messaging/contract';
import { Db } from '@tradepost/database';
import { once, OnFanout, OnWork, send, type Message } from '@tradepost/messaging';
import type { DrillSubject } from '../drill-subject';
import { IsInt } from 'class-validator';

/** A module as a user would write it for `npm run drill -- --module`. */

class Parcel {
  @IsInt()
  parcel!: number;
}

class PackParcel extends Parcel {
  static readonly route = work('warehouse.pack-parcel');
}

class ParcelPacked extends Parcel {
  static readonly route = fanout('parcel-packed');
}

const insertParcel = { name: 'insert-parcel', text: 'INSERT INTO parcels (job) VALUES ($1)' };
const insertLabel = { name: 'insert-label', text: 'INSERT INTO labels (job) VALUES ($1)' };

@Injectable()
class Packer {
  constructor(private readonly db: Db) {}

  @OnWork(PackParcel)
  async pack({ parcel }: PackParcel, message: Message): Promise<void> {
    await this.db.transaction(async (tx) => {
      // What the drill is to find out, when a test says so: a handler without this line.
      if (!process.env['DRILL_FORGETS_ONCE'] && !(await once(tx, message))) return;
      await tx.query(insertParcel, [parcel]);
      await send(tx, ParcelPacked, { parcel });
    });
  }
}

@Injectable()
class Labeller {
  constructor(private readonly db: Db) {}

  @OnFanout(ParcelPacked)
  async label({ parcel }: ParcelPacked, message: Message): Promise<void> {
    await this.db.transaction(async (tx) => {
      if (await once(tx, message)) await tx.query(insertLabel, [parcel]);
    });
  }
}

export const subject: DrillSubject = {
  service: 'warehouse',
  providers: [Packer, Labeller],
  sends: process.env['DRILL_FORGETS_SENDS'] ? [] : [ParcelPacked],
  migrations: ['test/faults/drills/test/migrations'],
  main: {
    contract: PackParcel,
    body: (job) => ({ parcel: job }),
    effects: 'SELECT job FROM parcels JOIN labels USING (job)',
  },
};

import { Injectable } from '@nestjs/common';
import { OnWork } from '@tradepost/messaging';
import { Pace } from '../pace';
import { Column } from '../screen';
import { PackParcel } from './pack-parcel';

/** Packing a parcel takes longer than it takes the next one to come. */
const packingBeats = 2.5;

@Injectable()
export class PackParcelWork {
  constructor(
    private readonly column: Column,
    private readonly pace: Pace,
  ) {}

  /** One at a time: while this worker packs, the next parcel goes to another one. */
  @OnWork(PackParcel, { prefetch: 1 })
  async handle({ parcel }: PackParcel): Promise<void> {
    this.column.say(`packs ${parcel}`);
    await this.pace.beats(packingBeats);
    this.column.say(`packed ${parcel} ✔`);
  }
}

import { Module } from '@nestjs/common';
import type { Stage } from '../stage';
import type { Story } from '../story';
import { PackParcel } from './pack-parcel';
import { PackParcelWork } from './pack-parcel.work';

@Module({ providers: [PackParcelWork] })
class WarehouseModule {}

export const competingWorkers: Story = {
  title: 'One queue, many workers: each parcel is packed by one of them, whoever is free.',
  read: [
    'dev/lab/competing-workers/pack-parcel.work.ts',
    'libs/contracts/src/work/charge-payment.ts',
    'apps/payments/src/charge-payment.work.ts',
    'test/e2e/workers.e2e.spec.ts',
  ],
  async tell(stage) {
    const { workers, count } = stage.options;
    const names = Array.from({ length: workers }, (_, index) => `worker ${index + 1}`);
    const sizes = names.map((name) => ({ name, width: 12 }));
    stage.begin({ name: 'producer', width: 12 }, ...sizes);
    for (const column of names) await stage.service('warehouse', WarehouseModule, { column });
    const producer = stage.column('producer');
    for (let parcel = 1; parcel <= count; parcel += 1) {
      producer.say(`parcel ${parcel} →`);
      await stage.broker.publish(PackParcel, { parcel });
      await stage.pace.beats(1);
    }
    const packed = () => names.flatMap((name) => packedBy(stage, name));
    await stage.until('every parcel is packed', () => packed().length >= count);
    const twice = packed().length - new Set(packed()).size;
    const each = names.map((name) => `${name} packed ${packedBy(stage, name).length}`);
    stage.screen.print();
    stage.screen.print(`${count} parcels: ${each.join(', ')}; ${twice || 'none'} twice.`);
  },
};

function packedBy(stage: Stage, worker: string): string[] {
  return stage.column(worker).said.filter((text) => text.startsWith('packed'));
}

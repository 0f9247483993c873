import { Module } from '@nestjs/common';
import type { Stage } from '../stage';
import type { Story } from '../story';
import { BillingFanout } from './billing.fanout';
import { OrderPlaced } from './order-placed';
import { ShippingFanout } from './shipping.fanout';

@Module({ providers: [BillingFanout] })
class BillingModule {}

@Module({ providers: [ShippingFanout] })
class ShippingModule {}

const shippingQueue = 'shipping.order-placed';

export const fanout: Story = {
  title: 'One event, a queue for each service that listens: everyone hears it, also later.',
  read: [
    'dev/lab/fanout/order-placed.ts',
    'libs/contracts/src/fanout/sale-finalized.ts',
    'apps/financial/src/sale-finalized.fanout.ts',
    'apps/payments/src/sale-finalized.fanout.ts',
  ],
  async tell(stage) {
    stage.begin(
      { name: 'shop', width: 16 },
      { name: 'billing', width: 18 },
      { name: 'shipping', width: 40 },
    );
    await stage.service('billing', BillingModule);
    const shipping = await stage.service('shipping', ShippingModule);
    await place(stage, [1, 2]);
    await shipping.stop();
    stage.column('shipping').say('stops');
    await place(stage, [3, 4]);
    const depth = () => stage.broker.depth(shippingQueue);
    await stage.until('two orders wait', async () => (await depth()) === 2);
    stage.column('shipping').say(`starts; 2 wait in ${shippingQueue}`);
    await stage.service('shipping', ShippingModule);
    await place(stage, [5]);
    const count = (column: string, what: string) =>
      stage.column(column).said.filter((text) => text.startsWith(what)).length;
    const isDone = () => count('billing', 'bills') >= 5 && count('shipping', 'ships') >= 5;
    await stage.until('all is billed and shipped', isDone);
    const [billed, shipped] = [count('billing', 'bills'), count('shipping', 'ships')];
    stage.screen.print();
    stage.screen.print(`5 orders: ${billed} billed, ${shipped} shipped.`);
  },
};

async function place(stage: Stage, orders: number[]): Promise<void> {
  for (const order of orders) {
    stage.column('shop').say(`order ${order} →`);
    await stage.broker.publish(OrderPlaced, { order });
    await stage.pace.beats(1);
  }
}

import { Module } from '@nestjs/common';
import { createDatabase, databaseUrl, Db, dropDatabase, migrate } from '@tradepost/database';
import { randomBytes } from 'node:crypto';
import type { Stage } from '../stage';
import type { Story } from '../story';
import { countsIn } from './counts';
import { PlaceOrder } from './place-order';
import { ShipOrderWork } from './ship-order.work';

@Module({ providers: [PlaceOrder, ShipOrderWork] })
class ShopModule {}

const migrations = ['libs/messaging/migrations', 'dev/lab/outbox/migrations'];

export const outbox: Story = {
  title:
    'A message is a row that commits with its cause, and reaches the broker when there is one.',
  read: [
    'dev/lab/outbox/place-order.ts',
    'dev/lab/outbox/ship-order.work.ts',
    'apps/orders/src/order/place-order.ts',
    'libs/messaging/src/outbox/relay.ts',
  ],
  ownServers: true,
  async tell(stage) {
    const { database } = stage.servers;
    const name = `lab_${randomBytes(6).toString('hex')}`;
    const url = databaseUrl(database.url, { name });
    await createDatabase(database.url, { name });
    await migrate({ url, folders: migrations });
    const db = new Db({ url, poolMax: 5 });
    try {
      await tellIn(stage, db);
    } finally {
      await stage.stopServices();
      await db.close();
      await dropDatabase(database.url, name);
    }
  },
};

async function tellIn(stage: Stage, db: Db): Promise<void> {
  stage.begin(
    { name: 'shop', width: 26 },
    { name: 'outbox', width: 12 },
    { name: 'broker', width: 12 },
    { name: 'shipping', width: 20 },
  );
  const { broker } = stage.servers;
  const service = await stage.service('shop', ShopModule, { column: 'shipping', db });
  const placing = service.get(PlaceOrder);
  const untilShipped = async (orders: number) => {
    const isDone = async () => {
      const { outbox: rows, ordersShipped } = await countsIn(db);
      return rows === 0 && ordersShipped === orders;
    };
    await stage.until(`${orders} orders are shipped`, isDone);
    await sayOutbox(stage, db);
  };
  await place(stage, placing, 1);
  await untilShipped(1);
  stage.column('broker').say('killed');
  await broker.kill();
  for (const order of [2, 3, 4]) {
    await place(stage, placing, order);
    await sayOutbox(stage, db);
  }
  await fail(stage, placing, 5);
  await sayOutbox(stage, db);
  stage.column('broker').say('starts');
  await broker.resume(stage.options.signal);
  await untilShipped(4);
  const { orders, shipments, ordersShipped } = await countsIn(db);
  const twice = shipments - ordersShipped;
  stage.screen.print();
  const shipped = `${ordersShipped} of them shipped, ${twice || 'none'} twice`;
  stage.screen.print(`${orders} orders, ${shipped}; order 5 never was.`);
}

async function place(stage: Stage, placing: PlaceOrder, order: number): Promise<void> {
  await placing.run(order);
  stage.column('shop').say(`order ${order} committed`);
  await stage.pace.beats(0.5);
}

async function fail(stage: Stage, placing: PlaceOrder, order: number): Promise<void> {
  const refuse = () => {
    throw new Error('no such customer');
  };
  await placing.run(order, refuse).catch(() => undefined);
  stage.column('shop').say(`order ${order} rolled back`);
}

async function sayOutbox(stage: Stage, db: Db): Promise<void> {
  const { outbox: rows } = await countsIn(db);
  stage.column('outbox').say(`${rows} waiting`);
}

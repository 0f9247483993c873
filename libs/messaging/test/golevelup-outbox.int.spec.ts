import { once, WiringError } from '@tradepost/messaging';
import { RabbitConnection, type RabbitMQOptions } from '@tradepost/messaging/golevelup';
import { eventually } from '@tradepost/test-kit';
import { Bench, insertEffect } from './bench';
import { Parcels, ParcelServices, parcels } from './parcels';

let bench: Bench;
const services = new ParcelServices(() => bench.broker);

beforeAll(async () => {
  bench = await Bench.open();
});
afterAll(() => bench.close());
beforeEach(() => {
  parcels.heard = [];
  parcels.does = undefined;
});
afterEach(() => services.close());

async function connect(options: Partial<RabbitMQOptions> = {}): Promise<RabbitConnection> {
  const app = await services.oursWith(
    [
      {
        exchanges: [{ name: 'parcels', type: 'topic' }],
        handlers: { parcels: { exchange: 'parcels', routingKey: 'parcel.*', queue: 'parcels' } },
        database: bench.db,
        ...options,
      },
    ],
    { providers: [Parcels] },
  );
  return app.get(RabbitConnection, { strict: false });
}

it('a message is sent when its transaction commits, and never was when that does not', async () => {
  const connection = await connect();
  parcels.does = ({ properties }) =>
    bench.db.transaction(async (tx) => {
      const id = String(properties.messageId);
      if (await once(tx, { queue: 'parcels', id })) await tx.query(insertEffect, [id]);
    });
  const rolledBack = new Error('rolled back');
  const failing = bench.db.transaction(async (tx) => {
    await connection.publishIn(tx, 'parcels', 'parcel.lost', { weight: 1 });
    throw rolledBack;
  });
  await expect(failing).rejects.toBe(rolledBack);
  const ids = await bench.db.transaction(async (tx) => [
    await connection.publishIn(tx, 'parcels', 'parcel.sent', { weight: 2 }),
    await connection.publishIn(tx, '', 'parcels', { weight: 3 }),
  ]);
  await eventually(async () => expect(await bench.effects()).toEqual(ids));
  await eventually(async () => expect(await bench.outboxDepth()).toBe(0));
  expect(parcels.heard).toHaveLength(2);
  expect(parcels.heard).toEqual(
    expect.arrayContaining([
      [{ weight: 2 }, 'parcel.sent', undefined],
      [{ weight: 3 }, 'parcels', undefined],
    ]),
  );
});

it.each<[string, Partial<RabbitMQOptions>, string, object, RegExp]>([
  ['without a database', { database: undefined }, 'parcels', {}, /give the module its database/],
  ['to an exchange of a type that nobody says', {}, 'letters', {}, /name "letters" there/],
  ['of bytes', {}, 'parcels', Buffer.from('{}'), /JSON alone/],
  [
    'with options',
    { defaultPublishOptions: { priority: 1 } },
    'parcels',
    {},
    /keeps no options: priority/,
  ],
])('one %s is refused', async (_, options, exchange, message, why) => {
  const connection = await connect(options);
  const sending = bench.db.transaction(async (tx) =>
    connection.publishIn(tx, exchange, 'parcel.sent', message),
  );
  await expect(sending).rejects.toThrow(WiringError);
  await expect(sending).rejects.toThrow(why);
  expect(await bench.outboxDepth()).toBe(0);
});

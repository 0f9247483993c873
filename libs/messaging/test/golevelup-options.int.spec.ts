import {
  AmqpConnection,
  AmqpConnectionManager,
  type MessageHandlerOptions,
  type RabbitMQConfig,
  RabbitSubscribe,
} from '@golevelup/nestjs-rabbitmq';
import { Controller, Injectable } from '@nestjs/common';
import { Unroutable } from '@tradepost/messaging';
import { eventually, TestBroker } from '@tradepost/test-kit';
import { handling, Parcels, ParcelServices, parcels } from './parcels';

@Injectable()
class ByConnection {
  @RabbitSubscribe({ queue: 'of-the-first', connection: 'first' })
  first(parcel: object): void {
    parcels.heard.push(['first', parcel]);
  }

  @RabbitSubscribe({ queue: 'of-the-second', connection: 'second' })
  second(parcel: object): void {
    parcels.heard.push(['second', parcel]);
  }
}

@Controller()
class OnController {
  @RabbitSubscribe({ queue: 'of-a-controller' })
  heard(parcel: object): void {
    parcels.heard.push(parcel);
  }
}

let broker: TestBroker;
const services = new ParcelServices(() => broker);

beforeAll(async () => {
  broker = await TestBroker.create();
});
afterAll(() => broker.close());
beforeEach(() => {
  parcels.heard = [];
  parcels.does = undefined;
});
afterEach(() => services.close());

const failureOf = async (config: object) => {
  const failed: unknown = await services.ours(config, Parcels).catch((error: unknown) => error);
  return failed as Error;
};

describe('is refused by its name', () => {
  const uri = { hostname: 'localhost', frameMax: 8_192 };
  it.each<[string, Partial<RabbitMQConfig> & { uri?: unknown }]>([
    ['somethingNew', { somethingNew: 1 } as object],
    ['enableDirectReplyTo', { enableDirectReplyTo: false }],
    ['logger', { logger: console }],
    ['uri.frameMax', { uri }],
    [
      'connectionManagerOptions.findServers',
      { connectionManagerOptions: { findServers: () => '' } },
    ],
    ['exchanges.letters.type', { exchanges: [{ name: 'letters', type: 'headers' }] }],
    ['defaultExchangeType', { exchanges: [{ name: 'letters' }], defaultExchangeType: 'headers' }],
    [
      'exchanges.letters.options.autoDelete',
      { exchanges: [{ name: 'letters', options: { autoDelete: true } }] },
    ],
    ['queues.letters.exclusive', { queues: [{ name: 'letters', options: { exclusive: true } }] }],
    ['queues.letters.consumerTag', { queues: [{ name: 'letters', consumerTag: 'me' }] }],
  ])('%s', async (name, config) => {
    const { message } = await failureOf(config);
    expect(message).toContain(`  ${name}: `);
  });

  it.each<[string, MessageHandlerOptions]>([
    ['queue', { queue: '' }],
    ['somethingNew', { somethingNew: 1 } as object],
    ['assertQueueErrorHandler', { assertQueueErrorHandler: () => '' }],
    ['queueOptions.exclusive', { queueOptions: { exclusive: true } }],
    ['queueOptions.autoDelete', { queueOptions: { autoDelete: true } }],
    [
      'queueOptions.arguments.x-queue-type',
      { queueOptions: { arguments: { 'x-queue-type': 'stream' } } },
    ],
    [
      'queueOptions.consumerOptions.consumerTag',
      { queueOptions: { consumerOptions: { consumerTag: 'me' } } },
    ],
    [
      'queueOptions.consumerOptions.exclusive',
      { queueOptions: { consumerOptions: { exclusive: true } } },
    ],
    [
      'queueOptions.consumerOptions.arguments',
      { queueOptions: { consumerOptions: { arguments: {} } } },
    ],
  ])("of a handler's: %s", async (name, options) => {
    const { message } = await failureOf(handling('parcels', { queue: 'parcels', ...options }));
    expect(message).toContain(`  Parcels.sent.${name}: `);
  });
});

it('refuses other options of a queue that another of its handlers has', async () => {
  const queue = 'shared';
  const handlers = { prices: { queue }, times: { queue, queueOptions: { messageTtl: 5 } } };
  expect((await failureOf({ handlers })).message).toContain('  Parcels.time.queueOptions: ');
});

it('refuses a queue from which another handler would take some of its messages', async () => {
  const queue = 'shared';
  const handlers = { parcels: { queue }, decorated: { queue } };
  expect((await failureOf({ handlers })).message).toContain('shared');
});

it('has a connection for each of its modules, whose handlers name it', async () => {
  const app = await services.oursWith([{ name: 'first' }, { name: 'second' }], {
    providers: [ByConnection],
  });
  const connections = app.get(AmqpConnectionManager);
  expect(connections.getConnections()).toHaveLength(2);
  const names = ['first', 'second'];
  for (const name of names) {
    await connections.getConnection(name)?.publish('', `of-the-${name}`, { name });
  }
  const expected = names.map((name) => [name, { name }]);
  await eventually(() => expect(parcels.heard).toHaveLength(2));
  expect(parcels.heard).toEqual(expect.arrayContaining(expected));
});

it('takes for controllers when it is told to', async () => {
  const controllers = [OnController];
  const app = await services.oursWith([{ enableControllerDiscovery: true }], { controllers });
  await app.get(AmqpConnection, { strict: false }).publish('', 'of-a-controller', { weight: 1 });
  await eventually(() => expect(parcels.heard).toEqual([{ weight: 1 }]));
  await broker.deleteQueue('of-a-controller');
  await services.close();
  await services.oursWith([{}], { controllers });
  await expect(broker.depth('of-a-controller')).rejects.toThrow(/NOT_FOUND/);
});

it('binds a queue with the arguments that it is given', async () => {
  const options = { exchange: 'bound', routingKey: 'a', queue: 'bound' };
  const ours = await services.ours(
    {
      exchanges: [{ name: 'bound' }],
      // A check would bind it again.
      consumerCheckMs: 60_000,
      ...handling('parcels', { ...options, queueOptions: { bindQueueArguments: { why: 'x' } } }),
    },
    Parcels,
  );
  // A binding without them would be another one.
  await broker.unbindQueue('bound', 'bound', 'a');
  expect(await ours.publish('bound', 'a', {})).toBe(true);
  await broker.unbindQueue('bound', 'bound', 'a', { why: 'x' });
  await expect(ours.publish('bound', 'a', {})).rejects.toThrow(Unroutable);
});

it('answers so that it outlives the broker where its caller has a queue that does', async () => {
  const usePersistentReplyTo = true;
  const handlers = {
    prices: { queue: 'prices', usePersistentReplyTo },
    times: { queue: 'times' },
  };
  await services.ours({ handlers }, Parcels);
  const modeOf = async (queue: string) =>
    (await broker.ask(queue, { weight: 1 }, { ownQueue: true })).properties.deliveryMode as unknown;
  expect(await modeOf('prices')).toBe(2);
  expect(await modeOf('times')).not.toBe(2);
});

it('declares exchanges, queues and bindings that no handler needs', async () => {
  const ours = await services.ours({
    exchanges: [
      { name: 'in', type: 'fanout' },
      { name: 'out', type: 'direct', options: { durable: false } },
    ],
    exchangeBindings: [{ source: 'in', destination: 'out', pattern: '' }],
    queues: [{ name: 'kept', exchange: 'out', routingKey: ['a', 'b'], options: { maxLength: 5 } }],
  });
  expect(await ours.publish('in', 'b', { weight: 3 })).toBe(true);
  await eventually(async () => expect(await broker.depth('kept')).toBe(1));
  await broker.deleteExchange('in');
  expect(await ours.publish('in', 'b', {}).catch(() => false)).toBe(false);
  await broker.closeConnections();
  await eventually(async () => expect(await ours.publish('in', 'b', {})).toBe(true));
});

it('takes from a queue that the configuration declares, and from one that is there', async () => {
  await broker.declareQueue('there');
  const queues = [{ name: 'configured', options: { arguments: { 'x-queue-type': 'quorum' } } }];
  const createQueueIfNotExists = false;
  const handlers = {
    parcels: [
      { queue: 'there', createQueueIfNotExists },
      { queue: 'configured', createQueueIfNotExists },
    ],
  };
  const ours = await services.ours({ queues, handlers }, Parcels);
  await ours.publish('', 'there', { to: 1 });
  await eventually(() => expect(parcels.heard).toHaveLength(1));
  await ours.publish('', 'configured', { to: 2 });
  await eventually(() => expect(parcels.heard).toHaveLength(2));
  expect(parcels.heard).toEqual([
    [{ to: 1 }, 'there', undefined],
    [{ to: 2 }, 'configured', undefined],
  ]);
});

it('has as many messages in hand as the channel of its handler says', async () => {
  const queueOptions = { channel: 'slow' };
  const ours = await services.ours(
    {
      channels: { slow: { prefetchCount: 2 } },
      ...handling('parcels', { queue: 'slow', queueOptions }),
    },
    Parcels,
  );
  let end = (): void => undefined;
  const ended = new Promise<void>((done) => (end = done));
  parcels.does = () => ended;
  for (const one of [1, 2, 3]) await ours.publish('', 'slow', { one });
  await eventually(() => expect(parcels.heard).toHaveLength(2));
  expect(await broker.depth('slow')).toBe(1);
  end();
  await eventually(() => expect(parcels.heard).toHaveLength(3));
});

it('writes and reads by the serializers that it is given', async () => {
  const ours = await services.ours(
    {
      serializer: (value) => Buffer.from(`<${JSON.stringify(value)}>`),
      deserializer: (content) => JSON.parse(content.toString().slice(1, -1)) as unknown,
      defaultPublishOptions: { headers: { colour: 'red' } },
      handlers: { parcels: { queue: 'strange' }, prices: { queue: 'strange.prices' } },
    },
    Parcels,
  );
  await ours.publish('', 'strange', { weight: 3 });
  await eventually(() => expect(parcels.heard).toEqual([[{ weight: 3 }, 'strange', 'red']]));
  const asked = { exchange: '', routingKey: 'strange.prices', payload: { weight: 3 } };
  expect(await ours.request(asked)).toEqual({ price: 6 });
});

it('takes for nothing with registerHandlers: false, and for no handler of another connection', async () => {
  const queue = 'nobody-takes';
  await broker.declareQueue(queue);
  const ours = await services.ours(
    { registerHandlers: false, ...handling('parcels', { queue }) },
    Parcels,
  );
  await ours.publish('', queue, {});
  await eventually(async () => expect(await broker.depth(queue)).toBe(1));
});

describe('what stands behind a connection of golevelup', () => {
  it('is overridden, all of it', async () => {
    const ours = await services.ours({});
    const own = Object.getOwnPropertyNames(Object.getPrototypeOf(ours));
    const stock = Object.getOwnPropertyDescriptors(AmqpConnection.prototype);
    // `configuration` is its own; the others are private, and called by what is overridden.
    const inside =
      'setup(?!Rpc)|init.|consumerF|wrap|handle|find|validate|deserial|select|(un)?register|getConsumer';
    const isPrivate = new RegExp(`^(constructor|configuration|(${inside}).*)$`);
    const left = Object.keys(stock).filter((name) => !isPrivate.test(name) && !own.includes(name));
    expect(left).toEqual([]);
    expect(ours).toBeInstanceOf(AmqpConnection);
    expect(ours.connected).toBe(true);
    expect(ours.configuration.prefetchCount).toBe(10);
    expect(() => ours.managedChannel).toThrow(
      'AmqpConnection.managedChannel is not of the runtime',
    );
    expect(() => ours.cancelConsumer('tag')).toThrow('AmqpConnection.cancelConsumer');
  });
});

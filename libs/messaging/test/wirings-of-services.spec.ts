import { RabbitMQModule as StockModule } from '@golevelup/nestjs-rabbitmq';
import { type DynamicModule, Module, type ModuleMetadata, type Type } from '@nestjs/common';
import { RabbitMQModule } from '@tradepost/messaging/golevelup';
import { wiringsOfServices } from '../src/commands/settings';
import { desiredTopology } from '../src/topology/desired-topology';
import { compare, type Found } from '../src/topology/differences';
import { AnyCats } from './cats';
import { Parcels } from './parcels';

const quorum = { arguments: { 'x-queue-type': 'quorum' } };

function moduleOf(metadata: ModuleMetadata): Type {
  @Module(metadata)
  class Service {}
  return Service;
}

const config = {
  uri: 'amqp://localhost',
  exchanges: [{ name: 'parcels', type: 'direct' }],
  queues: [{ name: 'archive', exchange: 'parcels', routingKey: 'parcel', options: quorum }],
  handlers: {
    parcels: [
      { exchange: 'parcels', routingKey: 'parcel', queue: 'parcels', queueOptions: quorum },
      { queue: 'theirs', createQueueIfNotExists: false },
    ],
    prices: { queue: 'prices', queueOptions: { durable: false } },
    times: { queue: 'prices', queueOptions: { durable: false } },
  },
};
const parcels = (imported: DynamicModule, more: ModuleMetadata = {}) =>
  moduleOf({ imports: [imported], providers: [Parcels], ...more });

describe('what the commands know of a service', () => {
  it.each<[string, DynamicModule]>([
    ["golevelup's module", StockModule.forRoot(config)],
    ["the runtime's", RabbitMQModule.forRoot(config)],
  ])('is what its configuration says: %s', async (_, imported) => {
    const services = async () => ({ parcels: parcels(imported) });
    const wirings = await wiringsOfServices({ services });
    const { queues, exchanges, bindings } = desiredTopology(wirings, []);
    const args = { 'x-queue-type': 'quorum' };
    expect(queues).toEqual(
      expect.arrayContaining([
        { name: 'parcels', args },
        { name: 'archive', args },
        { name: 'prices', args: {}, durable: false },
        { name: 'theirs', args: {}, passive: true },
      ]),
    );
    expect(exchanges).toContainEqual(expect.objectContaining({ name: 'parcels', type: 'direct' }));
    expect(bindings).toContainEqual(
      expect.objectContaining({ exchange: 'parcels', queue: 'parcels', key: 'parcel' }),
    );
  });

  it.each([true, false])('has the methods of controllers where asked for: %s', async (asked) => {
    const enabled = { ...config, enableControllerDiscovery: asked };
    const imports = [RabbitMQModule.forRoot(enabled)];
    const module = moduleOf({ imports, controllers: [Parcels] });
    const { parcels: wirings } = await wiringsOfServices({
      services: async () => ({ parcels: module }),
    });
    expect(wirings?.length).toBe(asked ? 4 : 0);
  });

  it('is what the options of its strategy and the patterns of its handlers say', async () => {
    const options = { queue: 'cats', exchange: 'animals', wildcards: true, queueOptions: quorum };
    const wirings = await wiringsOfServices({
      services: async () => ({ cats: moduleOf({ controllers: [AnyCats] }) }),
      strategies: async () => ({ cats: options }),
    });
    expect(wirings.cats).toMatchObject([
      {
        queue: 'cats',
        shape: { args: { 'x-queue-type': 'quorum' } },
        bindings: ['cat.*.born', 'dog.#'].map((key) => ({ exchange: 'animals', key })),
      },
    ]);
  });

  it.each<[string, Parameters<typeof wiringsOfServices>[0], string]>([
    [
      'options that are made at the start',
      {
        services: async () => ({
          parcels: parcels(RabbitMQModule.forRootAsync({ useFactory: () => config })),
        }),
      },
      'Service: its options are made at its start: import forRoot',
    ],
    [
      'two methods on one queue',
      {
        services: async () => ({
          parcels: parcels(
            StockModule.forRoot({
              ...config,
              handlers: { parcels: { queue: 'one' }, batches: { queue: 'one' } },
            }),
          ),
        }),
      },
      'both take from the queue "one"',
    ],
    [
      'a queue that would go',
      {
        services: async () => ({ cats: moduleOf({}) }),
        strategies: async () => ({ cats: { queue: 'cats', queueOptions: { autoDelete: true } } }),
      },
      'queueOptions.autoDelete',
    ],
    [
      'a strategy of no service',
      { services: async () => ({}), strategies: async () => ({ cats: { queue: 'cats' } }) },
      'strategies.cats: services has no module',
    ],
  ])('refuses %s', async (_, settings, message) => {
    await expect(wiringsOfServices(settings)).rejects.toThrow(message);
  });
});

describe('a comparison with the broker', () => {
  const found: Found = {
    exchanges: [{ name: 'theirs', type: 'fanout', durable: true }],
    queues: ['one', 'theirs'].map((name) => ({
      ...{ name, durable: false, exclusive: false, autoDelete: false },
      ...{ args: { 'x-max-length': 7 }, policy: {}, messages: 0 },
    })),
    bindings: [],
  };
  const args = { 'x-max-length': 7 };

  it('takes what is not durable for what was wanted', () => {
    const only = { exchanges: [], queues: [{ name: 'one', args, durable: false as const }] };
    const differences = compare({ ...only, bindings: [] }, found);
    expect(differences.filter(({ kind }) => kind === 'different')).toEqual([]);
  });

  it('leaves alone what somebody else declares, and names it when it is not there', () => {
    const passive = true as const;
    const place = (name: string) => ({ name, type: 'topic' as const, passive });
    const differences = compare(
      {
        exchanges: [place('theirs'), place('gone')],
        queues: [
          { name: 'theirs', args: {}, passive },
          { name: 'lost', args: {}, passive },
        ],
        bindings: [],
      },
      found,
    ).filter(({ kind }) => kind !== 'extra');
    expect(differences).toMatchObject([
      { kind: 'missing', name: 'gone', remedy: 'by-hand' },
      { kind: 'missing', name: 'lost', remedy: 'by-hand' },
    ]);
  });
});

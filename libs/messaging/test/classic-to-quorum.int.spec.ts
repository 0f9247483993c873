import { Nack } from '@golevelup/nestjs-rabbitmq';
import { Module, type Type } from '@nestjs/common';
import { RabbitMQModule, type RabbitMQOptions } from '@tradepost/messaging/golevelup';
import { RabbitClient, RabbitStrategy, type StrategyOptions } from '@tradepost/messaging/nest';
import { environment, eventually, TestBroker } from '@tradepost/test-kit';
import { type CommandSettings, wiringsOfServices } from '../src/commands/settings';
import { Apply } from '../src/topology/apply';
import { BrokerApi } from '../src/topology/broker-api';
import { desiredTopology } from '../src/topology/desired-topology';
import type { QueueArguments } from '../src/topology/topology';
import { lastValueFrom } from 'rxjs';
import { Cats, cats } from './cats';
import { handling, Parcels, ParcelServices, parcels } from './parcels';
import { NestParts } from './stock-nest';

/** What docs/MIGRATING.md says of the move; the short version of a move is in topology.int. */

let broker: TestBroker;
const services = new ParcelServices(() => broker);
const parts = new NestParts();

beforeAll(async () => {
  broker = await TestBroker.create();
});
afterAll(() => broker.close());
beforeEach(() => {
  parcels.heard = [];
  parcels.does = undefined;
  cats.heard = [];
  cats.fails = undefined;
});
afterEach(async () => {
  await services.close();
  await parts.close();
});

let queues = 0;
const newQueue = () => `moving-${(queues += 1)}`;
const quorum = { arguments: { 'x-queue-type': 'quorum' } };
const exchanges = [{ name: 'parcels', type: 'topic' }];

/** What `messaging-topology apply` does with these settings. @returns the queues that are classic */
async function apply(settings: Pick<CommandSettings, 'services' | 'strategies'>) {
  const { amqpUrl } = broker;
  const desired = desiredTopology(await wiringsOfServices(settings), []);
  const api = new BrokerApi(environment().managementUrl, amqpUrl);
  const { signal } = new AbortController();
  await new Apply({ amqpUrl, api, desired, report: () => undefined, signal }).run();
  const { queues: found } = await api.found();
  const isClassic = (args: QueueArguments) => (args['x-queue-type'] ?? 'classic') === 'classic';
  return found.filter(({ args }) => isClassic(args)).map(({ name }) => name);
}

/** One number after the other. @returns ends it: all that was said */
function keepSaying(say: (n: number) => Promise<unknown>): () => Promise<number[]> {
  const said: number[] = [];
  let isOver = false;
  const saying = (async () => {
    while (!isOver) {
      await say(said.length);
      said.push(said.length);
    }
  })();
  saying.catch(() => undefined);
  return async () => {
    isOver = true;
    await saying;
    return said;
  };
}

const inOrder = (numbers: Iterable<number>) => [...numbers].sort((a, b) => a - b);

function parcelService(queue: string, queueOptions: object): RabbitMQOptions {
  const options = { exchange: 'parcels', routingKey: 'parcel.*', queue, queueOptions };
  return { uri: broker.amqpUrl, exchanges, retry: ['1s'], ...handling('parcels', options) };
}

/** As a service has it, for the command to read. */
function moduleOf(config: RabbitMQOptions): Type {
  @Module({ imports: [RabbitMQModule.forRoot(config)], providers: [Parcels] })
  class ParcelsModule {}
  return ParcelsModule;
}

describe('from a classic queue to a quorum queue', () => {
  it("a service with golevelup's decorators loses nothing, while others publish", async () => {
    const queue = newQueue();
    const done = new Set<number>();
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    parcels.does = async ({ content }) => {
      await held;
      done.add((JSON.parse(content.toString()) as { n: number }).n);
    };
    await services.ours(parcelService(queue, {}), Parcels);
    const publisher = await services.ours({ exchanges });
    const stop = keepSaying(async (n) => publisher.publish('parcels', 'parcel.sent', { n }));
    await eventually(async () => expect(await broker.depth(queue)).toBeGreaterThan(50));
    const wanted = parcelService(queue, quorum);
    expect(await apply({ services: async () => ({ parcels: moduleOf(wanted) }) })).toEqual([]);
    release();
    await services.ours(wanted, Parcels);
    const said = await stop();
    await eventually(() => expect(inOrder(done)).toEqual(said));
  }, 30_000);

  it("a service on Nest's transport loses nothing, while others emit", async () => {
    const queue = newQueue();
    const options = { urls: [broker.amqpUrl], queue };
    const old = new RabbitStrategy(options);
    await parts.listen({ strategy: old }, Cats);
    const client = parts.add(new RabbitClient({ ...options, noAssert: true }));
    const stop = keepSaying(async (n) =>
      lastValueFrom(client.emit('cat-born', { n }), { defaultValue: undefined }),
    );
    await eventually(() => expect(cats.heard.length).toBeGreaterThan(20));
    @Module({ controllers: [Cats] })
    class CatsModule {}
    const wanted: StrategyOptions = { ...options, queueOptions: quorum };
    const settings = {
      services: async () => ({ cats: CatsModule }),
      strategies: async () => ({ cats: wanted }),
    };
    expect(await apply(settings)).toEqual([]);
    // It declares a classic queue, and is refused.
    await eventually(async () => expect((await old.check()).ok).toBe(false));
    await parts.listen({ strategy: new RabbitStrategy(wanted) }, Cats);
    const said = await stop();
    const heard = () => new Set(cats.heard.map((one) => (one as [string, { n: number }])[1].n));
    await eventually(() => expect(inOrder(heard())).toEqual(said));
  }, 30_000);

  it('a message that has been through a retry exchange keeps its x-death', async () => {
    const [queue, wait] = [newQueue(), newQueue()];
    const back = { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': queue };
    await broker.declareQueue(wait, { 'x-message-ttl': 100, ...back });
    const loop = { deadLetterExchange: '', deadLetterRoutingKey: wait };
    const old = await services.ours(parcelService(queue, loop), Parcels);
    const counts: unknown[] = [];
    parcels.does = ({ properties }) => {
      counts.push(properties.headers?.['x-death']?.find((one) => one.queue === queue)?.count ?? 0);
      return new Nack();
    };
    await old.publish('parcels', 'parcel.sent', {});
    await eventually(() => expect(counts.length).toBeGreaterThan(2));
    await old.close();
    const wanted = parcelService(queue, quorum);
    await eventually(async () => expect(await broker.depth(queue)).toBe(1));
    const classic = await apply({ services: async () => ({ parcels: moduleOf(wanted) }) });
    expect(classic).toEqual([wait]);
    parcels.does = ({ properties: { headers } }) => void counts.push(headers?.['x-death']);
    await services.ours(wanted, Parcels);
    const kept = expect.arrayContaining([expect.objectContaining({ queue, reason: 'rejected' })]);
    await eventually(() => expect(counts.at(-1)).toEqual(kept));
  }, 30_000);
});

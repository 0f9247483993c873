import { Injectable } from '@nestjs/common';
import { OnRpc, OnWork, send, ServiceHandlers, TopologyRefused } from '@tradepost/messaging';
import { environment, eventually } from '@tradepost/test-kit';
import { queueReplicas } from '../src/commands/settings';
import { ServiceDeadLetters } from '../src/dead-letters/service-dead-letters';
import { wiringsOf } from '../src/handlers/wiring';
import { Apply } from '../src/topology/apply';
import { BrokerApi } from '../src/topology/broker-api';
import { planTopology } from '../src/topology/check-topology';
import { desiredTopology } from '../src/topology/desired-topology';
import type { Topology } from '../src/topology/topology';
import { topologyOfServices } from '../src/topology/topology-of-services';
import type { Mode } from '../src/topology/ways';
import { Bench } from './bench';
import { Double, DoWork, type Doubled } from './contracts';

const done: string[] = [];
let isWell = false;

@Injectable()
class Handlers {
  @OnWork(DoWork, { retry: ['1s'] })
  async work({ what }: DoWork): Promise<void> {
    if (!isWell) throw new Error('not yet');
    done.push(what);
    return Promise.resolve();
  }

  @OnRpc(Double)
  async double({ value }: Double): Promise<Doubled> {
    return Promise.resolve({ value: value * 2 });
  }
}

class Root {}
Reflect.defineMetadata('providers', [Handlers], Root);
const wirings = { tests: wiringsOf(Root, 'tests') };
const contracts = [DoWork, Double];

const balanced = { 'x-queue-leader-locator': 'balanced' };
const quorum = { 'x-queue-type': 'quorum', 'x-quorum-initial-group-size': 3, ...balanced };
const stream = { 'x-queue-type': 'stream', 'x-initial-cluster-size': 3, ...balanced };

describe('queues with as many replicas as asked for', () => {
  let bench: Bench;
  let api: BrokerApi;

  beforeEach(async () => {
    done.splice(0);
    isWell = false;
    bench = await Bench.open();
    api = new BrokerApi(environment().managementUrl, bench.broker.amqpUrl);
  });
  afterEach(async () => bench.close());

  const desiredIn = (mode: Mode, replicas?: number) =>
    desiredTopology(wirings, contracts, mode, replicas);
  const where = () => ({
    amqpUrl: bench.broker.amqpUrl,
    managementUrl: environment().managementUrl,
  });
  const apply = async (mode: Mode, replicas?: number, nodesMin?: number) => {
    const { signal } = new AbortController();
    const [desired, report] = [desiredIn(mode, replicas), () => undefined];
    return new Apply({ ...where(), api, desired, report, signal, nodesMin }).run();
  };

  const otherwise = async (desired: Topology) => {
    const { differences } = await planTopology(desired, where());
    return differences.filter(({ kind }) => kind !== 'extra');
  };

  it.each<Mode>(['simple', 'strict'])(
    'are made in %s mode for events, questions, tiers, dead letters and the audit trail',
    async (mode) => {
      const { messages, app } = await bench.start([Handlers], { mode, queueReplicas: 3 });
      expect(await messages.ask(Double, { value: 4 })).toEqual({ value: 8 });
      await bench.db.transaction((tx) => send(tx, DoWork, { what: 'again' }));
      await eventually(async () => expect(await bench.broker.depth('tests.do-work.dead')).toBe(1), {
        withinMs: 20_000,
      });
      isWell = true;
      const deadLetters = app.get(ServiceDeadLetters);
      await deadLetters.use('tests', async (all) => all.replay({ queue: 'tests.do-work' }));
      await eventually(() => expect(done).toEqual(['again']));
      const { queues } = await api.found();
      for (const { name, args, exclusive } of queues.filter((one) => !one.exclusive)) {
        const wanted = name === 'dead-letters.audit' ? stream : quorum;
        expect({ name, args, exclusive }).toMatchObject({ name, args: wanted });
      }
      expect(await otherwise(desiredIn(mode, 3))).toEqual([]);
      // As the console sees it, without the code.
      const known = [app.get(ServiceHandlers).declared()];
      expect(await otherwise(topologyOfServices(known))).toEqual([]);
    },
  );

  it('are those of all services: one with another number is refused, and apply moves them', async () => {
    isWell = true;
    await bench.start([Handlers], { mode: 'simple' });
    await bench.stop();
    await bench.broker.publish(DoWork, { what: 'queued' });
    const other = { mode: 'simple', queueReplicas: 3 } as const;
    const refused = bench.create([Handlers], other);
    await expect(refused).rejects.toBeInstanceOf(TopologyRefused);
    expect(await otherwise(desiredIn('simple', 3))).toContainEqual({
      kind: 'different',
      what: 'queue',
      name: 'tests.double',
      reason:
        'queue.declare is refused (406): x-queue-type: desired "quorum", is "classic"; ' +
        'x-delivery-limit: desired 20, is none; x-quorum-initial-group-size: desired 3, is none; ' +
        'x-queue-leader-locator: desired "balanced", is none',
      remedy: 'replace',
    });
    // This broker is one node.
    await expect(apply('simple', 3, 3)).rejects.toThrow('none is made');
    await apply('simple', 3);
    await apply('simple', 3, 3);
    const { messages } = await bench.start([Handlers], other);
    await eventually(() => expect(done).toEqual(['queued']));
    expect(await messages.ask(Double, { value: 5 })).toEqual({ value: 10 });
  });

  it('are a number of nodes, for commands too', async () => {
    const before = process.env.AMQP_QUEUE_REPLICAS;
    const given = async (text: string) => {
      process.env.AMQP_QUEUE_REPLICAS = text;
      return queueReplicas().finally(() => {
        if (before === undefined) delete process.env.AMQP_QUEUE_REPLICAS;
        else process.env.AMQP_QUEUE_REPLICAS = before;
      });
    };
    expect([await given('5'), await given('')]).toEqual([5, undefined]);
    await expect(given('0')).rejects.toThrow('AMQP_QUEUE_REPLICAS is a number of nodes, not "0"');
    await expect(given('two')).rejects.toThrow('not "two"');
  });
});

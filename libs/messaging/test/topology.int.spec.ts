import { Injectable } from '@nestjs/common';
import { Db } from '@tradepost/database';
import { OnFanout, OnWork, TopologyRefused, once, send, type Message } from '@tradepost/messaging';
import { AmqpTap, environment, eventually } from '@tradepost/test-kit';
import { connect, type Options } from 'amqplib';
import { Apply } from '../src/topology/apply';
import { BrokerApi } from '../src/topology/broker-api';
import { planTopology } from '../src/topology/check-topology';
import { desiredTopology, requiredTopology } from '../src/topology/desired-topology';
import { advise } from '../src/topology/lint';
import type { Topology } from '../src/topology/topology';
import { topologyOfServices } from '../src/topology/topology-of-services';
import { wiringsOf } from '../src/handlers/wiring';
import { Bench, insertEffect } from './bench';
import { DoWork, Happened, Noted } from './contracts';

@Injectable()
class Recorder {
  constructor(private readonly db: Db) {}

  @OnWork(DoWork, { retry: ['1s'] })
  async work({ what }: DoWork, message: Message): Promise<void> {
    await this.record(`work ${what}`, message);
  }

  @OnFanout(Happened, { retry: ['1s'] })
  async hear({ what }: Happened, message: Message): Promise<void> {
    await this.record(`fanout ${what}`, message);
  }

  private async record(note: string, message: Message): Promise<void> {
    await this.db.transaction(async (tx) => {
      if (await once(tx, message)) await tx.query(insertEffect, [note]);
    });
  }
}

class Root {}
Reflect.defineMetadata('providers', [Recorder], Root);

const desired = desiredTopology({ tests: wiringsOf(Root, 'tests') }, [DoWork, Happened]);
const queue = 'tests.do-work';

/** Two messages so often. */
const everyMs = 4;
/** On an idle machine it is half a second; clients wait out more than this. */
const lockedMsMax = 5_000;

/** On the broker already, with other arguments. */
const before: Topology = {
  ...desired,
  queues: desired.queues.map(({ name, args }) => ({
    name,
    args: 'x-delivery-limit' in args ? { ...args, 'x-delivery-limit': 7 } : args,
  })),
};

describe('topology', () => {
  let bench: Bench;
  let api: BrokerApi;

  beforeEach(async () => {
    bench = await Bench.open();
    api = new BrokerApi(environment().managementUrl, bench.broker.amqpUrl);
  });
  afterEach(async () => bench.close());

  const where = () => ({
    amqpUrl: bench.broker.amqpUrl,
    managementUrl: environment().managementUrl,
  });
  const plan = async (topology = desired) => (await planTopology(topology, where())).differences;
  let lines: string[] = [];
  const apply = (topology = desired, prune = false, createOnly = false) => {
    const { signal } = new AbortController();
    lines = [];
    const report = (line: string) => lines.push(line);
    const { amqpUrl } = where();
    return new Apply({ amqpUrl, api, desired: topology, report, signal, prune, createOnly }).run();
  };
  const lockedMs = () => Number(/locked for (\d+) ms/.exec(lines.join('\n'))?.[1]);
  const declare = async (name: string, options: Options.AssertQueue) => {
    const model = await connect(bench.broker.amqpUrl);
    await (await model.createChannel()).assertQueue(name, { durable: true, ...options });
    await model.close();
  };

  it('what is declared is what is planned: nothing is left to do after a start', async () => {
    await bench.start([Recorder]);
    const planned = await plan();
    expect(planned.filter(({ kind }) => kind !== 'later')).toEqual([]);
    // What the first failure and the first operator make.
    const queues = planned.filter(({ what }) => what === 'queue').map(({ name }) => name);
    expect(queues.sort()).toEqual(['dead-letters.audit', 'retry.1s']);
  });

  it('plan names what is missing, extra and different; apply makes it so', async () => {
    await declare(queue, {});
    await declare('left-over', {});
    const planned = await plan();
    expect(planned).toContainEqual(
      expect.objectContaining({ kind: 'missing', what: 'exchange', name: 'happened' }),
    );
    expect(planned).toContainEqual(
      expect.objectContaining({ kind: 'extra', what: 'queue', name: 'left-over' }),
    );
    const different = planned.filter(({ kind }) => kind === 'different');
    expect(different).toEqual([expect.objectContaining({ name: queue, remedy: 'replace' })]);
    expect(different[0]?.reason).toContain('x-dead-letter-exchange: desired "", is none');
    await bench.broker.sendToQueue(queue, { what: 'kept' }, { type: 'DoWork' });
    const left = await apply();
    expect(left.map(({ kind, name }) => `${kind} ${name}`)).toEqual(['extra left-over']);
    expect(await bench.broker.depth(queue)).toBe(1);
    expect(await apply(desired, true)).toEqual([]);
  }, 60_000);

  it('apply that only creates makes what is missing, and touches nothing that is there', async () => {
    await declare(queue, {});
    await declare('left-over', {});
    const left = await apply(desired, true, true);
    expect(left.map(({ kind, name }) => `${kind} ${name}`).sort()).toEqual([
      'different tests.do-work',
      'extra left-over',
    ]);
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.filter((line) => !line.startsWith('created '))).toEqual([]);
  });

  it('services that run need together what their code declares, whichever of them sends it', async () => {
    const sends = [
      { pattern: 'work' as const, queue },
      { pattern: 'fanout' as const, exchange: 'happened' },
    ];
    const topology = requiredTopology(wiringsOf(Root, 'tests'));
    const whole = topologyOfServices([
      { topology, sends: [] },
      { topology: { exchanges: [], queues: [], bindings: [] }, sends },
    ]);
    const names = ({ exchanges, queues }: Topology) =>
      [...exchanges, ...queues].map(({ name }) => name).sort();
    expect([...new Set(names(whole))]).toEqual([...new Set(names(desired))]);
  });

  it('without a management API, the broker itself says what it would refuse', async () => {
    await declare(queue, {});
    const { amqpUrl } = where();
    const { differences, unchecked } = await planTopology(desired, { amqpUrl });
    expect(differences.map(({ name }) => name)).toEqual([queue]);
    expect(differences[0]?.reason).toMatch(/PRECONDITION_FAILED.*inequivalent arg/);
    expect(unchecked).toHaveLength(1);
  });

  it('a service refuses to start on a queue that cannot keep the guarantee', async () => {
    await declare(queue, {});
    const app = await bench.create([Recorder]).catch((error: unknown) => error);
    expect(app).toBeInstanceOf(TopologyRefused);
    expect((app as Error).message).toMatch(/queue tests\.do-work: .*inequivalent arg/);
  });

  it('lint says which broker it is, and which queue has no dead-letter queue', async () => {
    await declare(queue, {});
    const lost = { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': 'nowhere' };
    await declare('foreign', { arguments: lost });
    const wirings = wiringsOf(Root, 'tests');
    const contracts = [DoWork, Noted];
    const advice = advise(await api.facts(), { topology: desired, wirings, contracts });
    const texts = advice.map(({ level, code, text }) => `${level} ${code}: ${text}`);
    const version = await api.version();
    expect(texts).toContain(`note version: RabbitMQ ${version}`);
    expect(texts.some((text) => text.includes('nack-not-counted'))).toBe(version >= '4.3');
    expect(texts).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^warning no-dead-letters: tests\.do-work has no/),
        expect.stringMatching(/^warning dead-letter-target: foreign .* queue nowhere/),
        expect.stringMatching(/^note unhandled-contract: Noted: no service handles it/),
      ]),
    );
  });

  it('lint names what a later broker refuses, where it lets one use it', async () => {
    const model = await connect(bench.broker.amqpUrl);
    const channel = await model.createChannel();
    await channel.assertQueue('transient', { durable: false });
    await channel.prefetch(5, true);
    const codes = async () => {
      const given = { topology: desired, wirings: [], contracts: [] };
      const advice = advise(await api.facts(), given);
      return advice.map(({ level, code }) => `${level} ${code}`);
    };
    // 4.3 takes a global prefetch for one of each consumer, in silence.
    const counted = (await api.version()) < '4.3';
    const prefetch = counted ? 'warning global-qos' : 'note global-qos';
    await eventually(async () => expect(await codes()).toContain(prefetch));
    expect(await codes()).toContain('warning transient-queue');
    expect((await codes()).includes('note deprecated-feature')).toBe(!counted);
    await model.close();
  });

  it('a service starts beside a broker that does not answer', async () => {
    const tap = await AmqpTap.open(bench.broker.amqpUrl);
    tap.dropsPassiveDeclares = true;
    try {
      await bench.create([Recorder], { amqpUrl: tap.url });
    } finally {
      await bench.stop();
      await tap.close();
    }
  }, 20_000);

  it('a service starts without a broker', async () => {
    await bench.create([Recorder], { amqpUrl: 'amqp://guest:guest@127.0.0.1:1' });
  });

  it('queues are replaced twice under load: nothing is lost, nothing is done twice', async () => {
    await bench.start([Recorder]);
    const sending: Promise<void>[] = [];
    const sendBoth = async (what: string) =>
      bench.db.transaction(async (tx) => {
        await send(tx, DoWork, { what });
        await send(tx, Happened, { what });
      });
    const load = setInterval(() => sending.push(sendBoth(`${sending.length}`)), everyMs);
    try {
      await eventually(async () => expect((await bench.effects()).length).toBeGreaterThan(100));
      // Consumers of today are refused the queues of before, and take from those of today again.
      await apply(before);
      expect(lockedMs()).toBeLessThan(lockedMsMax);
      expect((await plan(before)).filter(({ remedy }) => remedy === 'replace')).toEqual([]);
      await apply(desired);
      expect(lockedMs()).toBeLessThan(lockedMsMax);
    } finally {
      clearInterval(load);
      await Promise.all(sending);
    }
    const sent = sending.length;
    const accounts = async () => ({
      outbox: await bench.outboxDepth(),
      waiting: await bench.broker.depth(queue),
      effects: (await bench.effects()).length,
    });
    await eventually(
      async () => expect(await accounts()).toEqual({ outbox: 0, waiting: 0, effects: sent * 2 }),
      { withinMs: 60_000, everyMs: 250 },
    );
    expect(new Set(await bench.effects()).size).toBe(sent * 2);
    expect(sent).toBeGreaterThan(500);
    expect((await plan()).filter(({ remedy }) => remedy !== 'create')).toEqual([]);
  }, 180_000);
});

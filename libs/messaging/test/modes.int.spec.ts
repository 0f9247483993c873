import { Injectable } from '@nestjs/common';
import {
  Apply,
  BrokerApi,
  OnRpc,
  OnWork,
  PermissionMissing,
  RpcTimeout,
  send,
  TopologyMissing,
  type Message,
} from '@tradepost/messaging';
import { environment, eventually } from '@tradepost/test-kit';
import { wiringsOf } from '../src/handlers/wiring';
import { desiredTopology } from '../src/topology/desired-topology';
import { permissionsOf } from '../src/topology/permissions';
import { Ways, type Mode } from '../src/topology/ways';
import { Bench } from './bench';
import { Double, DoWork, Happened, type Doubled } from './contracts';

const done: string[] = [];
const doubled: number[] = [];
const quiet = { log: () => undefined, error: () => undefined };

@Injectable()
class Worker {
  @OnWork(DoWork, { retry: ['1s', '5s'] })
  async work({ what }: DoWork, message: Message): Promise<void> {
    if (what === 'later' && message.attempt === 1) throw new Error('not yet');
    done.push(`${what} ${message.attempt}`);
    return Promise.resolve();
  }
}

@Injectable()
class Doubler {
  @OnRpc(Double)
  async double({ value }: Double): Promise<Doubled> {
    doubled.push(value);
    return Promise.resolve({ value: value * 2 });
  }
}

const contracts = [DoWork, Happened, Double];
class Root {}
Reflect.defineMetadata('providers', [Worker, Doubler], Root);
const wirings = wiringsOf(Root, 'tests');
const least = permissionsOf(wirings, contracts, new Ways('strict', 'tests'));

describe('the mode in which services use the broker', () => {
  let bench: Bench;

  beforeEach(async () => {
    done.splice(0);
    doubled.splice(0);
    bench = await Bench.open();
  });
  afterEach(async () => bench.close());

  const apply = async (mode: Mode, prune = false) => {
    const { amqpUrl } = bench.broker;
    const api = new BrokerApi(environment().managementUrl, amqpUrl);
    const { signal } = new AbortController();
    const desired = desiredTopology({ tests: wirings }, contracts, mode);
    const did: string[] = [];
    const report = (line: string) => void did.push(line);
    const left = await new Apply({ amqpUrl, api, desired, report, signal, prune }).run();
    return { did, left };
  };
  const refusal = async (amqpUrl: string) =>
    bench.create([Worker, Doubler], { mode: 'strict', amqpUrl, sends: contracts }).then(
      () => undefined,
      (error: unknown) => error as Error,
    );

  it.each<[Mode, Mode]>([
    ['simple', 'strict'],
    ['strict', 'simple'],
  ])('changes on a running system, %s to %s: what waits arrives', async (before, after) => {
    await apply(before);
    await bench.start([Worker, Doubler], { mode: before });
    await bench.db.transaction((tx) => send(tx, DoWork, { what: 'later' }));
    const tier = new Ways(before, 'tests').retry('1s');
    await eventually(async () => expect(await bench.broker.depth(tier)).toBe(1));
    await bench.stop();
    await bench.broker.publish(DoWork, { what: 'queued' });
    // Nobody relays these before the services start again.
    await bench.db.transaction(async (tx) => {
      await send(tx, DoWork, { what: 'in the outbox' });
      await send(tx, Happened, { what: 'in the outbox' });
    });
    await apply(after);
    const heard = await bench.broker.listen(Happened);
    await bench.start([Worker, Doubler], { mode: after });
    const all = ['in the outbox 1', 'later 2', 'queued 1'];
    await eventually(() => expect([...done].sort()).toEqual(all), { withinMs: 20_000 });
    await eventually(async () => expect(await bench.outboxDepth()).toBe(0));
    expect(heard.messages).toHaveLength(1);
  });

  it('changes, and the way back from a tier stays as long as something waits in it', async () => {
    await apply('simple');
    await bench.broker.sendToExchange('retry.5s', 'tests.do-work', { what: 'waits' });
    const { did } = await apply('strict', true);
    expect(did).toContain('kept queue retry.5s: 1 messages, 0 consumers');
    expect(did.filter((line) => /^(kept|removed) .*retry\.(1s|return)/.test(line))).toEqual([
      'removed queue retry.1s',
      expect.stringMatching(/^kept binding retry\.return → tests\.do-work /),
      'removed exchange retry.1s',
      'kept exchange retry.return: a kept queue dead-letters to it',
    ]);
    await eventually(async () => expect(await bench.broker.depth('tests.do-work')).toBe(1), {
      withinMs: 20_000,
    });
    // The broker's counts are late.
    await eventually(async () => expect((await apply('strict', true)).left).toEqual([]), {
      withinMs: 20_000,
    });
  });

  it.each<[Mode, Mode]>([
    ['strict', 'strict'],
    ['strict', 'simple'],
    ['simple', 'simple'],
  ])('lets who asks in %s mode be answered in %s mode', async (asking, answering) => {
    await apply('strict');
    await bench.start([Doubler], { mode: answering });
    const { messages } = await bench.start([], { mode: asking, service: 'asker' });
    expect(await messages.ask(Double, { value: 4 })).toEqual({ value: 8 });
  });

  it('strict: a question by direct reply-to is dropped and logged; those after it are answered', async () => {
    await apply('strict');
    const warned: unknown[] = [];
    const log = { ...quiet, warn: (...line: unknown[]) => warned.push(line) };
    await bench.start([Doubler], { mode: 'strict', log });
    const { messages } = await bench.start([], { mode: 'simple', service: 'asker', log });
    const asked = messages.ask(Double, { value: 4 }, { timeoutMs: 1_000 });
    await expect(asked).rejects.toBeInstanceOf(RpcTimeout);
    const fields = { handler: 'Doubler.double', messageId: expect.any(String), from: 'asker' };
    expect(warned).toEqual([
      ['direct reply-to is not answered in strict mode', fields, 'Messaging'],
    ]);
    expect(doubled).toEqual([]);
    expect(await bench.broker.depth(Double.route.queue)).toBe(0);
    const { body } = await bench.broker.ask(Double.route.queue, { value: 5 });
    expect(body).toEqual({ value: 10 });
  });

  it('strict: starts nothing where nothing is applied, and says all that is missing', async () => {
    const error = await refusal(await bench.broker.userWith(least));
    expect(error).toBeInstanceOf(TopologyMissing);
    expect((error as TopologyMissing).missing.sort()).toEqual([
      'exchange dead-letters.audit.in',
      'exchange happened',
      'exchange replies',
      'exchange tests.do-work.dead.in',
      'exchange tests.do-work.in',
      'exchange tests.double.in',
      'exchange tests.retry.1s.in',
      'exchange tests.retry.5s.in',
      'queue tests.do-work',
      'queue tests.do-work.dead',
      'queue tests.double',
    ]);
    expect(error?.message).toContain('topology apply');
  });

  it('strict: starts nothing that may not write, and says all that it lacks', async () => {
    await apply('strict');
    const error = await refusal(await bench.broker.userWith({ ...least, write: '^$' }));
    expect(error).toBeInstanceOf(PermissionMissing);
    for (const name of ['happened', 'tests.do-work.dead.in', 'tests.retry.1s.in', 'replies']) {
      expect(error?.message).toContain(`write on exchange "${name}"`);
    }
  });

  it('strict: its look at the start leaves no message anywhere', async () => {
    await apply('strict');
    const heard = await bench.broker.listen(Happened);
    await bench.start([Worker, Doubler], { mode: 'strict', sends: contracts });
    expect(await bench.broker.depth('tests.do-work.dead')).toBe(0);
    expect(await bench.broker.depth('tests.retry.5s')).toBe(0);
    expect(heard.messages).toEqual([]);
    expect(done).toEqual([]);
  });

  it('strict: an exchange that is gone holds up its own messages alone, until it is back', async () => {
    await apply('strict');
    const { health } = await bench.start([Worker, Doubler], { mode: 'strict', sends: contracts });
    await bench.broker.deleteExchange('happened');
    await bench.db.transaction(async (tx) => {
      await send(tx, Happened, { what: 'kept' });
      await send(tx, DoWork, { what: 'done' });
    });
    const problem = expect.stringContaining('not on the broker: exchange happened') as string;
    await eventually(async () => expect((await health.check()).problems).toEqual([problem]));
    await eventually(() => expect(done).toEqual(['done 1']));
    await eventually(async () => expect(await bench.outboxDepth()).toBe(1));
    const heard = await bench.broker.listen(Happened);
    await eventually(async () => expect(await bench.outboxDepth()).toBe(0), { withinMs: 60_000 });
    expect(heard.messages).toHaveLength(1);
  }, 90_000);
});

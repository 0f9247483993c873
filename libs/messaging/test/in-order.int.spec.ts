import { Injectable, Logger } from '@nestjs/common';
import { Db } from '@tradepost/database';
import {
  OnFanout,
  OnWork,
  once,
  Rejected,
  ServiceDeadLetters,
  type Message,
} from '@tradepost/messaging';
import { eventually } from '@tradepost/test-kit';
import { v7 } from 'uuid';
import { partitionsOf, slotOf } from '../src/ordered/slots';
import { Bench, insertEffect } from './bench';
import { Moved, Ship } from './contracts';

/** What the handlers do, and have done. */
const seen = {
  steps: [] as string[],
  does: (_step: string, _message: Message): Promise<void> | void => undefined,
  running: new Map<string, number>(),
  most: 0,
  replicas: new Set<object>(),
};

async function handled(db: Db, by: object, { orderId, step }: Moved, message: Message) {
  const one = `${orderId}${step}`;
  const { running } = seen;
  running.set(orderId, (running.get(orderId) ?? 0) + 1);
  seen.most = Math.max(seen.most, running.get(orderId) ?? 0);
  try {
    await seen.does(one, message);
    await db.transaction(async (tx) => {
      if (!(await once(tx, message))) return;
      await tx.query(insertEffect, [one]);
      seen.steps.push(one);
    });
    seen.replicas.add(by);
  } finally {
    running.set(orderId, (running.get(orderId) ?? 0) - 1);
  }
}

@Injectable()
class Skips {
  constructor(private readonly db: Db) {}

  @OnFanout(Moved, { orderedBy: 'orderId', retry: ['1s'] })
  async handle(moved: Moved, message: Message): Promise<void> {
    await handled(this.db, this, moved, message);
  }
}

@Injectable()
class Stops {
  constructor(private readonly db: Db) {}

  @OnWork(Ship, { orderedBy: 'orderId', retry: [], partitions: 2, onDead: 'stop' })
  async handle(ship: Ship, message: Message): Promise<void> {
    await handled(this.db, this, ship, message);
  }
}

const queue = 'tests.moved';
const stepsOf = (orderId: string) => seen.steps.filter((step) => step.startsWith(orderId));
const upTo = (orderId: string, count: number) =>
  Array.from({ length: count }, (_, at) => `${orderId}${at + 1}`);

describe('a handler that is ordered by a key', () => {
  let bench: Bench;

  beforeEach(async () => {
    seen.steps.splice(0);
    seen.does = () => undefined;
    seen.most = 0;
    seen.running.clear();
    seen.replicas.clear();
    bench = await Bench.open();
  });
  afterEach(() => bench.close());

  const move = async (orderId: string, step: number) =>
    bench.broker.publish(Moved, { orderId, step });
  const ship = async (orderId: string, step: number) =>
    bench.broker.publish(Ship, { orderId, step });
  const deadLetters = async <T>(work: Parameters<ServiceDeadLetters['use']>[1]) => {
    const { app } = await bench.start([Stops]);
    return app.get(ServiceDeadLetters).use('tests', work) as Promise<T>;
  };

  it('has the messages of a key one after another, in their order, and keys side by side', async () => {
    await bench.start([Skips]);
    const keys = Array.from({ length: 20 }, (_, at) => `key-${at}-`);
    let goOn = (): void => undefined;
    const others = new Promise<void>((done) => (goOn = done));
    seen.does = async (one) => (one === 'key-0-1' ? others : new Promise(setImmediate));
    for (const step of [1, 2, 3, 4, 5]) for (const key of keys) await move(key, step);
    await eventually(() => expect(seen.steps).toHaveLength(95));
    goOn();
    await eventually(() => expect(seen.steps).toHaveLength(100));
    for (const key of keys) expect(stepsOf(key)).toEqual(upTo(key, 5));
    expect(seen.most).toBe(1);
  });

  it('shares the partitions among replicas, and keeps the order while it does', async () => {
    await bench.start([Skips]);
    await move('a', 1);
    await bench.start([Skips]);
    const keys = Array.from({ length: 16 }, (_, at) => `key-${at}-`);
    let step = 0;
    await eventually(
      async () => {
        step += 1;
        for (const key of keys) await move(key, step);
        expect(seen.replicas.size).toBe(2);
      },
      { withinMs: 25_000 },
    );
    await eventually(() => expect(seen.steps).toHaveLength(1 + step * keys.length));
    for (const key of keys) expect(stepsOf(key)).toEqual(upTo(key, step));
  });

  it('keeps the rest of a key waiting for one that failed, and no other key', async () => {
    await bench.start([Skips]);
    const tries: string[] = [];
    seen.does = (one, { attempt, isLastAttempt }) => {
      if (one.startsWith('a')) tries.push(`${one} ${attempt} ${isLastAttempt}`);
      if (one === 'a1' && attempt === 1) throw new Error('not yet');
    };
    for (const step of [1, 2, 3]) await move('a', step);
    for (const step of [1, 2, 3]) await move('b', step);
    await eventually(() => expect(stepsOf('b')).toEqual(upTo('b', 3)));
    expect(stepsOf('a')).toEqual([]);
    await eventually(() => expect(stepsOf('a')).toEqual(upTo('a', 3)));
    expect(tries).toEqual(['a1 1 false', 'a1 2 true', 'a2 1 false', 'a3 1 false']);
    const rows = await bench.db.query({ name: 'held', text: 'SELECT FROM held_messages' });
    expect(rows).toEqual([]);
  });

  it('goes on with the key after a dead letter', async () => {
    await bench.start([Skips]);
    seen.does = (one) => {
      if (one === 'a2') throw new Rejected('not_wanted');
      if (one === 'a3') throw new Error('never');
    };
    for (const step of [1, 2, 3, 4]) await move('a', step);
    await eventually(() => expect(stepsOf('a')).toEqual(['a1', 'a4']));
    await eventually(async () => expect(await bench.broker.depth(`${queue}.dead`)).toBe(2));
  });

  it('stops the key at a dead letter, until that is replayed', async () => {
    await bench.start([Stops]);
    let isMended = false;
    seen.does = (one) => {
      if (one === 'a2' && !isMended) throw new Rejected('not_wanted');
    };
    for (const step of [1, 2, 3]) await ship('a', step);
    for (const step of [1, 2, 3]) await ship('b', step);
    await eventually(async () => expect(await bench.broker.depth('tests.ship.dead')).toBe(1));
    await eventually(() => expect(stepsOf('b')).toEqual(upTo('b', 3)));
    await ship('a', 4);
    expect(stepsOf('a')).toEqual(['a1']);
    isMended = true;
    await deadLetters(async (letters) => letters.replay({}));
    await eventually(() => expect(stepsOf('a')).toEqual(upTo('a', 4)));
  });

  it('goes on with the key when the dead letter that stopped it is discarded', async () => {
    await bench.start([Stops]);
    seen.does = (one) => {
      if (one === 'a1') throw new Rejected('not_wanted');
    };
    for (const step of [1, 2, 3]) await ship('a', step);
    await eventually(async () => expect(await bench.broker.depth('tests.ship.dead')).toBe(1));
    await deadLetters(async (letters) => letters.discard({}));
    await eventually(() => expect(stepsOf('a')).toEqual(['a2', 'a3']));
  });

  it('keeps the order when its connections are lost again and again', async () => {
    await bench.start([Skips]);
    await bench.start([Skips]);
    const keys = Array.from({ length: 8 }, (_, at) => `key-${at}-`);
    seen.does = () => new Promise((done) => setImmediate(done));
    for (let step = 1; step <= 30; step += 1) {
      await Promise.all(keys.map(async (key) => move(key, step)));
      if (step % 10 === 5) await bench.broker.closeConnections();
    }
    await eventually(() => expect(new Set(seen.steps).size).toBe(240), { withinMs: 20_000 });
    for (const key of keys) expect(stepsOf(key)).toEqual(upTo(key, 30));
  });

  it('takes a bundle apart that came back, and has it acked', async () => {
    await bench.start([Skips]);
    let begun = (): void => undefined;
    const hasBegun = new Promise<void>((done) => (begun = done));
    let goOn = (): void => undefined;
    const isBack = new Promise<void>((done) => (goOn = done));
    const tries: string[] = [];
    seen.does = async (one) => {
      tries.push(one);
      begun();
      await isBack;
    };
    const events = [1, 2].map((step) => {
      return { id: v7(), source: '/else', type: 'Moved', data: { orderId: 'a', step } };
    });
    const contentType = 'application/cloudevents-batch+json';
    await bench.broker.sendToExchange('moved', slotOf('a'), events, { contentType });
    await hasBegun;
    await bench.broker.closeConnections();
    goOn();
    // As they came, and again alone.
    await eventually(() => expect([...tries].sort()).toEqual(['a1', 'a1', 'a2', 'a2']));
    await eventually(() => expect(stepsOf('a')).toEqual(['a1', 'a2']));
    // What is not acked is there again when its channel is gone.
    await bench.stop();
    const depths = partitionsOf(queue, 8).map(async (name) => bench.broker.depth(name));
    expect(await Promise.all(depths)).toEqual(Array.from({ length: 8 }, () => 0));
  });

  it('keeps the order when the database does not say what waits in it', async () => {
    await bench.start([Skips]);
    const rename = async (from: string, to: string) =>
      bench.db.query({ name: `rename-${from}`, text: `ALTER TABLE ${from} RENAME TO ${to}` });
    await rename('held_messages', 'away');
    const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    for (const step of [1, 2, 3]) await move('a', step);
    const told = expect.objectContaining({ handler: 'Skips.handle' }) as object;
    await eventually(() => expect(warn).toHaveBeenCalledWith('messages wait', told));
    warn.mockRestore();
    expect(stepsOf('a')).toEqual([]);
    await rename('away', 'held_messages');
    await eventually(() => expect(stepsOf('a')).toEqual(upTo('a', 3)));
  });

  it('is refused by a contract that has another key, and without a database', async () => {
    class Wrong {
      @OnFanout(Moved, { orderedBy: 'step' })
      async handle(_moved: Moved): Promise<void> {}
    }
    await expect(bench.create([Wrong])).rejects.toThrow(
      `Wrong.handle: Moved is not sent in the order of "step": give its route { key: 'step' }`,
    );
    await expect(bench.create([Skips], { database: undefined })).rejects.toThrow(
      'Skips.handle is ordered: what fails waits in a database, and there is none',
    );
  });
});

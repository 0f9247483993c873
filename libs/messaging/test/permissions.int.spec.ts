import { Injectable, type LoggerService } from '@nestjs/common';
import { Db } from '@tradepost/database';
import {
  DeadLetters,
  MessagingHealth,
  OnFanout,
  OnRpc,
  OnTopic,
  OnWork,
  once,
  PermissionMissing,
  Rejected,
  send,
  type Message,
} from '@tradepost/messaging';
import { eventually } from '@tradepost/test-kit';
import { closeConnection, openConnection } from '../src/connection/connect';
import { planTopology } from '../src/topology/check-topology';
import { desiredTopology } from '../src/topology/desired-topology';
import { declare, onChannel } from '../src/topology/topology';
import { wiringsOf } from '../src/handlers/wiring';
import { Bench, insertEffect } from './bench';
import { Double, DoWork, Happened, Noted, type Doubled } from './contracts';

@Injectable()
class Handlers {
  constructor(private readonly db: Db) {}

  @OnWork(DoWork, { retry: ['1s'] })
  async work({ what }: DoWork, message: Message): Promise<void> {
    if (what === 'never') throw new Rejected('never');
    if (what === 'later' && message.attempt === 1) throw new Error('not yet');
    await this.note(`work ${what} ${message.attempt}`, message);
  }

  @OnFanout(Happened, { retry: ['1s'] })
  async hear({ what }: Happened, message: Message): Promise<void> {
    await this.note(`fanout ${what}`, message);
  }

  @OnTopic(Noted, { queue: 'tests.notes', key: '#', retry: ['1s'] })
  async read({ what }: Noted, message: Message): Promise<void> {
    await this.note(`topic ${what}`, message);
  }

  @OnRpc(Double)
  async double({ value }: Double): Promise<Doubled> {
    return Promise.resolve({ value: value * 2 });
  }

  private async note(note: string, message: Message): Promise<void> {
    await this.db.transaction(async (tx) => {
      if (await once(tx, message)) await tx.query(insertEffect, [note]);
    });
  }
}

class Root {}
Reflect.defineMetadata('providers', [Handlers], Root);
const desired = desiredTopology({ tests: wiringsOf(Root, 'tests') }, [
  DoWork,
  Happened,
  Noted,
  Double,
]);

const all = '.*';
const none = '^$';
const noConfigure = { configure: none, write: all, read: all };

describe('a broker user', () => {
  let bench: Bench;
  let lines: { message: unknown; fields: unknown }[];

  beforeEach(async () => {
    lines = [];
    bench = await Bench.open();
    const model = await openConnection(bench.broker.amqpUrl, 'declares beforehand');
    await onChannel(model, (channel) => declare(channel, desired));
    await closeConnection(model);
  });
  afterEach(async () => bench.close());

  const take = (message: unknown, fields: unknown) => void lines.push({ message, fields });
  const log: LoggerService = { log: take, debug: take, warn: take, error: take, fatal: take };
  const linesOf = (message: string) => lines.filter((line) => line.message === message);
  const refusal = async (amqpUrl: string) =>
    bench.create([Handlers], { amqpUrl }).then(
      () => undefined,
      (error: unknown) => error as Error,
    );
  const say = async (what: string) =>
    bench.db.transaction(async (tx) => {
      await send(tx, DoWork, { what });
      await send(tx, Happened, { what });
    });

  it('without configure does everything where all is declared', async () => {
    const amqpUrl = await bench.broker.userWith(noConfigure);
    const { messages, health } = await bench.start([Handlers], {
      amqpUrl,
      log,
      consumerCheckMs: 300,
    });
    for (const what of ['first', 'later', 'never']) await say(what);
    await eventually(() => expect(messages.tell(Noted, 'note', { what: 'told' })).toBe(true));
    expect(await messages.ask(Double, { value: 4 })).toEqual({ value: 8 });
    const effects = ['fanout first', 'fanout later', 'fanout never', 'topic told'];
    const done = [...effects, 'work first 1', 'work later 2'];
    await eventually(async () => expect(await bench.effects()).toEqual(done));
    await eventually(async () =>
      expect(await bench.broker.deadLetters('tests.do-work')).toHaveLength(1),
    );
    expect(await health.check()).toMatchObject({ ok: true, problems: [] });
    expect(linesOf('channel reopens')).toEqual([]);
    expect(linesOf('arguments not checked')).toHaveLength(1);
  });

  it('without configure starts nothing that is not all there, and is told what to do', async () => {
    await bench.broker.deleteQueue('tests.do-work.dead');
    await bench.broker.deleteQueue('retry.1s');
    const amqpUrl = await bench.broker.userWith(noConfigure);
    const { username: user } = new URL(amqpUrl);
    const error = await refusal(amqpUrl);
    expect(error).toBeInstanceOf(PermissionMissing);
    expect(error?.message).toContain(`user "${user}"`);
    expect(error?.message).toContain('configure on queue "tests.do-work.dead", which is not there');
    expect(error?.message).toContain('configure on queue "retry.1s", which is not there');
    expect(error?.message).toMatch(
      /rabbitmqctl set_permissions -p '\S+' '\S+' '\^\((tests\\\.do-work\\\.dead\|retry\\\.1s)\)\$'/,
    );
  });

  it('without write starts nothing: failed messages could go nowhere', async () => {
    const amqpUrl = await bench.broker.userWith({ ...noConfigure, write: '^tests\\..*' });
    const error = await refusal(amqpUrl);
    expect(error).toBeInstanceOf(PermissionMissing);
    expect(error?.message).toContain('write on exchange "amq.default"');
  });

  it('that may not bind a queue starts nothing', async () => {
    const write = '^(amq\\.default|happened)$';
    const error = await refusal(await bench.broker.userWith({ ...noConfigure, write }));
    expect(error).toBeInstanceOf(PermissionMissing);
    expect(error?.message).toMatch(/write on queue "tests\.do-work"/);
  });

  it('without write on one exchange sends all else, and that when it may', async () => {
    const write = '^(amq\\.default|tests\\..*|retry\\..*)$';
    const amqpUrl = await bench.broker.userWith({ ...noConfigure, write });
    const { health } = await bench.start([Handlers], { amqpUrl, log });
    for (let i = 0; i < 20; i += 1) await say(`${i}`);
    await eventually(async () => {
      expect(await bench.effects()).toHaveLength(20);
      expect(await bench.outboxDepth()).toBe(20);
    });
    const problem = expect.stringContaining('write on exchange "happened"') as string;
    await eventually(async () => {
      await say('again');
      expect((await health.check()).problems).toEqual([problem]);
    });
    // Not once for each message.
    expect(linesOf('channel reopens').length).toBeLessThan(5);
    await bench.broker.permit(amqpUrl, noConfigure);
    await eventually(async () => expect(await bench.outboxDepth()).toBe(0), { withinMs: 60_000 });
    await eventually(async () =>
      expect(await health.check()).toMatchObject({ ok: true, problems: [] }),
    );
  }, 90_000);

  it('without write on a topic loses no channel for each of its messages', async () => {
    const write = '^(amq\\.default|tests\\..*|retry\\..*|happened)$';
    const amqpUrl = await bench.broker.userWith({ ...noConfigure, write });
    const { messages } = await bench.start([Handlers], { amqpUrl, log });
    const tell = () => messages.tell(Noted, 'note', { what: 'told' });
    await eventually(() => expect(tell()).toBe(true));
    await eventually(() => expect(tell()).toBe(false));
    const problem = expect.stringContaining('write on exchange "notes"') as string;
    await eventually(() =>
      expect(linesOf('topic refused')).toEqual([
        { message: 'topic refused', fields: expect.objectContaining({ cause: problem }) as object },
      ]),
    );
  });

  it('without read on a queue makes its service unready, until it has it', async () => {
    const read = '^(happened|notes|retry\\..*)$';
    const amqpUrl = await bench.broker.userWith({ ...noConfigure, read });
    const app = await bench.create([Handlers], { amqpUrl, log });
    const health = app.get(MessagingHealth);
    const problem = /^tests\.do-work: .*read on queue "tests\.do-work"/;
    await eventually(async () => {
      expect((await health.check()).problems).toContainEqual(expect.stringMatching(problem));
    });
    await bench.broker.permit(amqpUrl, noConfigure);
    await eventually(
      async () => expect(await health.check()).toMatchObject({ ok: true, problems: [] }),
      {
        withinMs: 30_000,
      },
    );
  });

  it('without configure is told what an operator needs, and has it by one name', async () => {
    const amqpUrl = await bench.broker.userWith(noConfigure);
    const operator = { by: 'paul', queues: ['tests.do-work'], waitMs: 1_000 };
    const options = { amqpUrl, ...operator, contractOf: () => undefined };
    const list = async () => DeadLetters.use(options, (deadLetters) => deadLetters.list());
    await expect(list()).rejects.toThrow(/configure on queue "dead-letters\.lock"/);
    await bench.broker.permit(amqpUrl, { ...noConfigure, configure: '^dead-letters\\.lock$' });
    await bench.broker.sendToQueue('tests.do-work.dead', { what: 'once' });
    expect(await list()).toMatchObject([{ count: 1 }]);
    const replay = DeadLetters.use(options, (deadLetters) => deadLetters.replay({}));
    expect(await replay).toMatchObject({ done: 1, stayed: [] });
  });

  it('without configure sees no difference where it may not look, and is told where', async () => {
    const amqpUrl = await bench.broker.userWith(noConfigure);
    const { differences, unchecked } = await planTopology(desired, { amqpUrl });
    expect(differences).toEqual([]);
    expect(unchecked).toEqual([
      expect.stringContaining('no management API'),
      expect.stringContaining('not compared: queue tests.do-work.dead'),
    ]);
  });
});

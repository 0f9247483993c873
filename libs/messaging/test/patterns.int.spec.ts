import { Injectable } from '@nestjs/common';
import { eventually } from '@tradepost/test-kit';
import { RabbitRPC, RabbitSubscribe } from '@golevelup/nestjs-rabbitmq';
import {
  OnFanout,
  OnRpc,
  OnTopic,
  OnWork,
  Rejected,
  RpcFailed,
  RpcTimeout,
  Unroutable,
  send,
} from '@tradepost/messaging';
import { Bench, type Replica, inSimpleMode } from './bench';
import { DoWork, Double, Doubled, Happened, Noted } from './contracts';

const heard: { by: string; what: string }[] = [];

@Injectable()
class Worker {
  constructor() {}

  @OnWork(DoWork, { prefetch: 1 })
  async handle({ what }: DoWork): Promise<void> {
    heard.push({ by: 'worker', what });
    return Promise.resolve();
  }
}

@Injectable()
class Listener {
  @OnFanout(Happened)
  async handle({ what }: Happened): Promise<void> {
    heard.push({ by: 'listener', what });
    return Promise.resolve();
  }
}

@Injectable()
class OtherListener {
  @OnFanout(Happened)
  async handle({ what }: Happened): Promise<void> {
    heard.push({ by: 'other listener', what });
    return Promise.resolve();
  }
}

@Injectable()
class Notes {
  @OnTopic(Noted, { queue: 'all-notes', key: 'note.*' })
  async all({ what }: Noted): Promise<void> {
    heard.push({ by: 'all', what });
    return Promise.resolve();
  }

  @OnTopic(Noted, { queue: 'loud-notes', key: '#.loud.#' })
  async loud({ what }: Noted): Promise<void> {
    heard.push({ by: 'loud', what });
    return Promise.resolve();
  }
}

@Injectable()
class Calculator {
  @OnRpc(Double)
  async double({ value }: Double): Promise<Doubled> {
    if (value === 13) throw new Rejected('unlucky', 'not this one');
    if (value === 14) throw new Error('a secret of the inside');
    if (value === 15) return new Promise(() => undefined);
    if (value === 16) return { value: 'wrong' } as unknown as Doubled;
    return Promise.resolve({ value: value * 2 });
  }
}

@Injectable()
class Plain {
  @RabbitSubscribe({ exchange: 'plain', routingKey: 'plain.*', queue: 'tests.plain' })
  async handle(body: { what: string }): Promise<void> {
    heard.push({ by: 'plain', what: body.what });
    return Promise.resolve();
  }

  @RabbitRPC({ queue: 'tests.plain-rpc' })
  async answer(body: { value: number }): Promise<object> {
    return Promise.resolve({ value: body.value + 1 });
  }
}

describe('the four patterns', () => {
  let bench: Bench;
  let replica: Replica;

  beforeAll(async () => {
    bench = await Bench.open();
    replica = await bench.start([Worker, Listener, Notes, Calculator, Plain]);
    await bench.start([Worker], { service: 'tests-replica' });
    await bench.start([OtherListener], { service: 'others' });
  });
  afterAll(() => bench.close());
  beforeEach(() => heard.splice(0));

  const by = (who: string) => heard.filter((one) => one.by === who).map(({ what }) => what);

  it('work: each message is done once, by one of the workers', async () => {
    const jobs = Array.from({ length: 40 }, (_, i) => `job ${i}`);
    await bench.db.transaction(async (tx) => {
      for (const what of jobs) await send(tx, DoWork, { what });
    });
    await eventually(() => expect(by('worker')).toHaveLength(40));
    expect([...by('worker')].sort()).toEqual([...jobs].sort());
    expect(await bench.outboxDepth()).toBe(0);
  });

  it('fanout: every listening service hears it', async () => {
    await bench.db.transaction((tx) => send(tx, Happened, { what: 'something' }));
    await eventually(() => {
      expect(by('listener')).toEqual(['something']);
      expect(by('other listener')).toEqual(['something']);
    });
  });

  it('topic: a queue hears what its pattern matches, and nothing else', async () => {
    expect(replica.messages.tell(Noted, 'note.loud', { what: 'loud one' })).toBe(true);
    expect(replica.messages.tell(Noted, 'note.quiet', { what: 'quiet one' })).toBe(true);
    await eventually(() => {
      expect([...by('all')].sort()).toEqual(['loud one', 'quiet one']);
      expect(by('loud')).toEqual(['loud one']);
    });
  });

  it('rpc: the answer comes back as an instance of the contract', async () => {
    const reply = await replica.messages.ask(Double, { value: 21 });
    expect(reply).toBeInstanceOf(Doubled);
    expect(reply.value).toBe(42);
  });

  it('rpc: a refusal reaches the caller with its code, an inner failure without its secrets', async () => {
    const { messages } = replica;
    const refused = await messages.ask(Double, { value: 13 }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(Rejected);
    expect(refused).toMatchObject({ code: 'unlucky', message: 'not this one' });
    const failed = await messages.ask(Double, { value: 14 }).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(RpcFailed);
    expect(String(failed)).not.toContain('secret');
    await expect(messages.ask(Double, { value: 16 })).rejects.toBeInstanceOf(RpcFailed);
  });

  it('rpc: a caller is never left pending', async () => {
    const asked = replica.messages.ask(Double, { value: 15 }, { timeoutMs: 200 });
    await expect(asked).rejects.toBeInstanceOf(RpcTimeout);
  });

  inSimpleMode('rpc: a queue without a server fails at once', async () => {
    await bench.broker.deleteQueue('tests.plain-rpc');
    class Unserved extends Double {
      static override readonly route = { ...Double.route, queue: 'tests.unserved' };
    }
    const asked = replica.messages.ask(Unserved, { value: 1 }, { timeoutMs: 10_000 });
    await expect(asked).rejects.toBeInstanceOf(Unroutable);
  });

  it('rpc: a bare client gets an answer, and an error it can read', async () => {
    const good = await bench.broker.ask('tests.double', { value: 4 });
    expect(good.body).toEqual({ value: 8 });
    const bad = await bench.broker.ask('tests.double', { value: 'four' });
    expect(bad.headers['x-error-code']).toBe('invalid_body');
    expect(bad.body).toMatchObject({ error: { code: 'invalid_body' } });
  });

  it('a plain golevelup method is supervised too', async () => {
    await bench.broker.sendToQueue('tests.plain', { what: 'plain body' });
    await eventually(() => expect(by('plain')).toEqual(['plain body']));
    await eventually(async () => {
      const answer = await bench.broker.ask('tests.plain-rpc', { value: 1 }, { withinMs: 500 });
      expect(answer.body).toEqual({ value: 2 });
    });
  });

  it('a message carries an envelope that any CloudEvents reader knows', async () => {
    const listener = await bench.broker.listen(Happened);
    const id = await bench.db.transaction((tx) => send(tx, Happened, { what: 'wrapped' }));
    const [seen] = await eventually(() => {
      expect(listener.messages).toHaveLength(1);
      return listener.messages;
    });
    expect(seen?.properties).toMatchObject({
      messageId: id,
      type: 'Happened',
      appId: expect.any(String),
      contentType: 'application/json',
      deliveryMode: 2,
    });
    expect(seen?.headers).toMatchObject({
      'cloudEvents:specversion': '1.0',
      'cloudEvents:id': id,
      'cloudEvents:type': 'Happened',
      'cloudEvents:time': expect.stringMatching(/^\d{4}-.*Z$/),
    });
  });
});

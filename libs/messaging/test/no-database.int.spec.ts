import { RabbitSubscribe } from '@golevelup/nestjs-rabbitmq';
import { Injectable } from '@nestjs/common';
import { OnFanout, OnRpc, OnTopic, OnWork, type Message } from '@tradepost/messaging';
import { eventually } from '@tradepost/test-kit';
import { Bench, type Replica } from './bench';
import { DoWork, Double, Happened, Noted, type Doubled } from './contracts';

const heard: string[] = [];

@Injectable()
class Handlers {
  @OnWork(DoWork, { retry: ['1s'] })
  async work({ what }: DoWork, { attempt }: Message): Promise<void> {
    heard.push(`work ${what}, try ${attempt}`);
    if (attempt === 1) throw new Error('not yet');
    return Promise.resolve();
  }

  @OnFanout(Happened)
  async fanout({ what }: Happened): Promise<void> {
    heard.push(`fanout ${what}`);
    return Promise.resolve();
  }

  @OnTopic(Noted, { queue: 'notes', key: '#' })
  async topic({ what }: Noted): Promise<void> {
    heard.push(`topic ${what}`);
    return Promise.resolve();
  }

  @OnRpc(Double)
  async rpc({ value }: Double): Promise<Doubled> {
    return Promise.resolve({ value: value * 2 });
  }

  @RabbitSubscribe({ exchange: 'plain', routingKey: '#', queue: 'tests.plain' })
  async plain({ what }: { what: string }): Promise<void> {
    heard.push(`plain ${what}`);
    return Promise.resolve();
  }
}

describe('a service without a database', () => {
  let bench: Bench;
  let replica: Replica;

  beforeAll(async () => {
    bench = await Bench.open();
    replica = await bench.start([Handlers], { database: undefined });
  });
  afterAll(() => bench.close());
  beforeEach(() => heard.splice(0));

  it('handles what others send, a failed message too', async () => {
    await bench.broker.sendToQueue(DoWork.route.queue, { what: 'a' }, { messageId: 'a' });
    await eventually(() => expect(heard).toEqual(['work a, try 1', 'work a, try 2']));
    await bench.broker.publish(Happened, { what: 'b' });
    await bench.broker.sendToQueue('tests.plain', { what: 'c' });
    await eventually(() => expect(heard.slice(2).sort()).toEqual(['fanout b', 'plain c']));
  });

  it('asks, answers and tells', async () => {
    await expect(replica.messages.ask(Double, { value: 4 })).resolves.toEqual({ value: 8 });
    expect(replica.messages.tell(Noted, 'note', { what: 'd' })).toBe(true);
    await eventually(() => expect(heard).toEqual(['topic d']));
  });

  it('is ready, and has no outbox that could lag', async () => {
    expect(await replica.health.check()).toMatchObject({ ok: true, problems: [] });
    expect((await replica.health.figures()).outboxLagSeconds).toBe(0);
  });
});

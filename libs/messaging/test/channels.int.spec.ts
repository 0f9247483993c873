import { Logger } from '@nestjs/common';
import type { Channel, ChannelModel } from 'amqplib';
import { AmqpTap, eventually, TestBroker } from '@tradepost/test-kit';
import { v7 } from 'uuid';
import { RpcFailed } from '../src/errors';
import { Link } from '../src/connection/link';
import { Publisher } from '../src/publish/publisher';
import { RpcClient } from '../src/rpc/rpc-client';
import { Runtime } from '../src/runtime';
import type { Topology } from '../src/topology/topology';
import { Bench } from './bench';
import { Double } from './contracts';

/** So many channels has a connection at most, the link's own first one among them. */
function narrow(url: string, channels: number): string {
  return `${url}?channelMax=${channels}`;
}

describe('a channel that ends or does not open, on a link that is up', () => {
  const log = new Logger('Messaging');
  let broker: TestBroker;
  let links: Link[];

  beforeEach(async () => {
    links = [];
    broker = await TestBroker.create();
  });
  afterEach(async () => {
    await Promise.all(links.map((link) => link.stop()));
    await broker.close();
  });

  function linkTo(url: string): Link {
    const link = new Link({ url, name: 'channels', log });
    links.push(link);
    return link;
  }

  it('is opened later, by a publisher that found none free', async () => {
    const link = linkTo(narrow(broker.amqpUrl, 2));
    let ups = 0;
    link.onUp((model) => {
      ups += 1;
      void model.createChannel();
    });
    const publisher = new Publisher({ link, log, pendingMax: 10 });
    link.start();
    await eventually(() => expect(publisher.isOpen).toBe(true));
    expect(ups).toBe(1);
    await publisher.stop(0);
  });

  it('while an exchange is declared leaves the message pending: it goes out on the next', async () => {
    const tap = await AmqpTap.open(broker.amqpUrl);
    const link = linkTo(tap.url);
    const publisher = new Publisher({ link, log, pendingMax: 10 });
    const exchange = 'declared-late';
    const needs: Topology = {
      exchanges: [{ name: exchange, type: 'fanout' }],
      queues: [{ name: 'declared-late', args: {} }],
      bindings: [{ exchange, queue: 'declared-late', key: '' }],
    };
    try {
      link.start();
      await eventually(() => expect(publisher.isOpen).toBe(true));
      tap.freeze();
      const target = { exchange, routingKey: '', needs };
      const options = { messageId: v7() };
      const published = publisher.publish(target, Buffer.from('{}'), options, 20_000);
      const outcome = published.then(
        () => 'confirmed',
        (error: unknown) => error,
      );
      await eventually(() => expect(tap.swallowed).toBeGreaterThan(0));
      tap.thaw();
      expect(await outcome).toBe('confirmed');
      expect(await broker.depth('declared-late')).toBe(1);
    } finally {
      await publisher.stop(0);
      await tap.close();
    }
  });

  it('fails what is asked on it meanwhile as RpcFailed', async () => {
    const link = linkTo(broker.amqpUrl);
    let model: ChannelModel | undefined;
    link.onUp((one) => (model = one));
    const rpc = new RpcClient({ link, log, service: 'tests', waitingMax: 10 });
    link.start();
    await eventually(() => expect(rpc.isOpen).toBe(true));
    const closing = model?.close();
    const asked = rpc.ask(Double, { value: 1 }, 1_000).catch((error: unknown) => error);
    expect(await asked).toBeInstanceOf(RpcFailed);
    await closing;
    rpc.stop();
  });

  it('fails what is asked on it also when it hears no answers any more, and is followed by another', async () => {
    const tap = await AmqpTap.open(broker.amqpUrl);
    const link = linkTo(tap.url);
    let ups = 0;
    link.onUp(() => (ups += 1));
    const rpc = new RpcClient({ link, log, service: 'tests', waitingMax: 10 });
    link.start();
    await eventually(() => expect(rpc.isOpen).toBe(true));
    await broker.declareQueue(Double.route.queue);
    const asked = expect(rpc.ask(Double, { value: 1 }, 20_000)).rejects.toBeInstanceOf(RpcFailed);
    await eventually(async () => expect(await broker.depth(Double.route.queue)).toBe(1));
    tap.cancelFirst('amq.rabbitmq.reply-to');
    await asked;
    await eventually(() => expect(rpc.isOpen).toBe(true));
    expect(ups).toBe(1);
    rpc.stop();
    await link.stop();
    await tap.close();
  });

  it('makes its service unready until there is another', async () => {
    const bench = await Bench.open();
    const amqpUrl = narrow(bench.broker.amqpUrl, 5);
    const { app, health } = await bench.start([], { amqpUrl });
    const { publishing, publisher } = app.get(Runtime);
    const taken: Channel[] = [];
    const takeEveryChannel = async () => {
      let model: ChannelModel | undefined;
      publishing.onUp((one) => (model = one));
      for (;;) {
        const channel = await model?.createChannel().catch(() => undefined);
        if (channel === undefined) return;
        taken.push(channel);
      }
    };
    // Publishing to what is not there ends the channel.
    const missing = { exchange: 'missing', routingKey: '' };
    const lost = publisher.publish(missing, Buffer.from(''), { messageId: v7() }, 1);
    lost.catch(() => undefined);
    const problems = [expect.stringMatching(/^publisher: /)];
    await eventually(
      async () => {
        await takeEveryChannel();
        expect(await health.check()).toMatchObject({ ok: false, problems });
      },
      { everyMs: 5 },
    );
    await Promise.all(taken.map((channel) => channel.close()));
    const nodes = [new URL(bench.broker.amqpUrl).host];
    const well = { ok: true, problems: [], nodes };
    await eventually(async () => expect(await health.check()).toEqual(well));
    await bench.close();
  });
});

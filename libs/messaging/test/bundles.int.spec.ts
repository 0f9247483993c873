import { Injectable } from '@nestjs/common';
import { Db } from '@tradepost/database';
import { OnFanout, OnWork, Rejected, once, send, sendEach, withTrace } from '@tradepost/messaging';
import type { Failed, Message, Received } from '@tradepost/messaging';
import { fanout, work } from '@tradepost/messaging/contract';
import { eventually } from '@tradepost/test-kit';
import { IsString } from 'class-validator';
import { connect } from 'amqplib';
import { v7 } from 'uuid';
import { bundleType } from '../src/bundle';
import { Bench, insertEffect } from './bench';

class Parcel {
  static readonly route = work('tests.parcel', { bundled: true });

  @IsString()
  what!: string;
}

class Delivered {
  static readonly route = fanout('delivered', { bundled: true });

  @IsString()
  what!: string;
}

class Single {
  static readonly route = fanout('single');

  @IsString()
  what!: string;
}

const handled: { what: string; message: Message }[] = [];
const batches: string[][] = [];
let running = 0;
let runningMost = 0;
/** What hangs until it is let go. */
let hanging = new Set<string>();

@Injectable()
class Carrier {
  constructor(private readonly db: Db) {}

  @OnWork(Parcel, { prefetch: 3, retry: ['1s'] })
  async carry({ what }: Parcel, message: Message): Promise<void> {
    handled.push({ what, message });
    running += 1;
    runningMost = Math.max(runningMost, running);
    await eventually(() => expect(hanging.has(what)).toBe(false), { withinMs: 30_000 });
    running -= 1;
    if (what === 'broken') throw new Rejected('broken', 'in pieces');
    if (what === 'late' && message.attempt === 1) throw new Error('not yet');
    await this.db.transaction(async (tx) => {
      if (await once(tx, message)) await tx.query(insertEffect, [what]);
    });
  }
}

@Injectable()
class Listener {
  @OnFanout(Delivered, { batch: { size: 50 }, retry: [] })
  async hear(batch: Received<Delivered>[]): Promise<Failed[]> {
    batches.push(batch.map(({ body }) => body.what));
    const refused = batch.filter(({ body }) => body.what === 'refused');
    const error = new Rejected('refused');
    return Promise.resolve(refused.map(({ message }) => ({ message, error })));
  }
}

describe('messages of one transaction to one place', () => {
  let bench: Bench;
  const queue = Parcel.route.queue;

  beforeEach(async () => {
    bench = await Bench.open();
    handled.length = batches.length = running = runningMost = 0;
    hanging = new Set();
  });
  afterEach(() => {
    hanging = new Set();
    return bench.close();
  });

  const sendAll = async (names: string[]) =>
    bench.db.transaction((tx) =>
      sendEach(
        tx,
        Parcel,
        names.map((what) => ({ body: { what } })),
      ),
    );
  const numbered = (count: number) => Array.from({ length: count }, (_, i) => `n${i + 10}`);

  /** What lies on the queue, one after the other; it stays there. */
  const onQueue = async () => {
    const client = await connect(bench.broker.amqpUrl);
    const channel = await client.createChannel();
    const found: { contentType: unknown; content: unknown }[] = [];
    for (;;) {
      const message = await channel.get(queue);
      if (message === false) break;
      const content: unknown = JSON.parse(message.content.toString());
      found.push({ contentType: message.properties.contentType, content });
    }
    await client.close();
    return found;
  };

  it('travel together, up to 16, and are handled one by one', async () => {
    await bench.start([Carrier]);
    await bench.stop();
    const [relay] = [await bench.start([])];
    await sendAll(numbered(20));
    await eventually(async () => expect(await bench.outboxDepth()).toBe(0));
    const messages = await onQueue();
    expect(messages.map(({ contentType }) => contentType)).toEqual([bundleType, bundleType]);
    expect(messages.map(({ content }) => (content as unknown[]).length)).toEqual([16, 4]);
    await relay.app.close();

    await bench.start([Carrier]);
    await eventually(async () => expect(await bench.effects()).toEqual(numbered(20)));
    await eventually(async () => expect(await bench.broker.depth(queue)).toBe(0));
    expect(runningMost).toBeLessThanOrEqual(3);
  });

  it('alone, it is a message as any other; so is each of a contract that is not bundled', async () => {
    await bench.start([]);
    const heard = await bench.broker.listen(Delivered);
    const single = await bench.broker.listen(Single);
    await bench.db.transaction(async (tx) => {
      const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
      await withTrace(traceparent, async () => send(tx, Delivered, { what: 'one' }));
      await sendEach(tx, Delivered, [{ body: { what: 'two' } }]);
      await sendEach(tx, Single, [{ body: { what: 'three' } }, { body: { what: 'four' } }]);
    });
    await eventually(() => expect(single.messages).toHaveLength(2));
    await eventually(() => expect(heard.messages).toHaveLength(2));
    const all = [...heard.messages, ...single.messages];
    expect(all.map(({ body }) => body.what)).toEqual(['one', 'two', 'three', 'four']);
    const traces = all.map(({ headers }) => headers.traceparent);
    const ofItsOwn = expect.stringContaining('4bf92f3577b34da6a3ce929d0e0e4736') as string;
    expect(traces).toEqual([ofItsOwn, undefined, undefined, undefined]);
    expect(new Set(all.map(({ properties }) => properties.contentType))).toEqual(
      new Set(['application/json']),
    );
  });

  it('each keep their id, flow and sender', async () => {
    await bench.start([Carrier]);
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    await withTrace(
      traceparent,
      async () =>
        bench.db.transaction((tx) =>
          sendEach(tx, Parcel, [
            { body: { what: 'of the flow' } },
            { body: { what: 'of another' }, because: { id: 'm-1', correlationId: 'c-1' } },
          ]),
        ),
      'c-0',
    );
    await eventually(() => expect(handled).toHaveLength(2));
    const [one, other] = handled.map(({ message }) => message);
    const common = { type: 'Parcel', appId: 'tests', attempt: 1, attemptsMax: 2, queue };
    expect(one).toMatchObject({ ...common, correlationId: 'c-0' });
    expect(one?.traceparent).toContain('4bf92f3577b34da6a3ce929d0e0e4736');
    expect(other).toMatchObject({ ...common, correlationId: 'c-1' });
    expect(other?.traceparent).not.toContain('4bf92f3577b34da6a3ce929d0e0e4736');
    expect(one?.id).not.toBe(other?.id);
    expect(Math.abs(Date.now() - Number(one?.timestamp))).toBeLessThan(60_000);
  });

  it('one that fails leaves its bundle: it is retried and dead-lettered alone', async () => {
    await bench.start([Carrier]);
    await sendAll(['fine', 'broken', 'late', 'good']);
    await eventually(async () => expect(await bench.effects()).toEqual(['fine', 'good', 'late']));
    const [deadLetter, ...others] = await bench.broker.deadLetters(queue);
    expect(others).toEqual([]);
    const ofBroken = handled.filter(({ what }) => what === 'broken');
    expect(ofBroken).toHaveLength(1);
    expect(deadLetter).toMatchObject({
      body: { what: 'broken' },
      properties: { messageId: ofBroken[0]?.message.id, contentType: 'application/json' },
      headers: { 'x-error-code': 'broken', 'x-attempts': 1, 'cloudEvents:type': 'Parcel' },
    });
    const ofLate = handled.filter(({ what }) => what === 'late').map(({ message }) => message);
    expect(ofLate.map(({ attempt }) => attempt)).toEqual([1, 2]);
    expect(new Set(ofLate.map(({ id }) => id)).size).toBe(1);
    await bench.stop();
    expect(await bench.broker.depth(queue)).toBe(0);
  });

  it('one that cannot be placed takes its bundle back to the queue', async () => {
    await bench.start([Carrier]);
    const dead = `${queue}.dead`;
    await bench.broker.limitQueues(`^${dead}$`, { 'max-length': 1, overflow: 'reject-publish' });
    // The limit of a quorum queue is not sharp.
    const filled = async () => {
      for (;;) await bench.broker.sendToQueue(dead, {});
    };
    await expect(filled()).rejects.toThrow();
    await sendAll(['broken', 'fine']);
    const ofBroken = () => handled.filter(({ what }) => what === 'broken');
    await eventually(() => expect(ofBroken().length).toBeGreaterThan(1));
    const [first, second] = ofBroken();
    expect(second?.message.id).toBe(first?.message.id);
    await eventually(async () => {
      const bodies = (await bench.broker.deadLetters(queue)).map(({ body }) => body);
      expect(bodies).toContainEqual({ what: 'broken' });
    });
    expect(await bench.effects()).toEqual(['fine']);
  });

  it('a stop waits for each message of a bundle that is under way', async () => {
    await bench.start([Carrier]);
    hanging = new Set(['slow']);
    await sendAll(['quick', 'slow']);
    await eventually(async () => expect(await bench.effects()).toEqual(['quick']));
    const stopping = bench.stop();
    hanging = new Set();
    await stopping;
    expect(await bench.effects()).toEqual(['quick', 'slow']);
    expect(await onQueue()).toEqual([]);
  });

  it('come to a batch handler as what they are, beside single ones', async () => {
    await bench.start([Listener]);
    await bench.db.transaction(async (tx) => {
      await sendEach(
        tx,
        Delivered,
        ['a', 'refused', 'b'].map((what) => ({ body: { what } })),
      );
      await send(tx, Delivered, { what: 'c' });
    });
    await eventually(() => expect(batches.flat()).toEqual(['a', 'refused', 'b', 'c']));
    const [deadLetter, ...others] = await eventually(async () => {
      const found = await bench.broker.deadLetters('tests.delivered');
      expect(found).toHaveLength(1);
      return found;
    });
    expect(deadLetter?.body).toEqual({ what: 'refused' });
    expect(others).toEqual([]);
  });

  it('a bundle that comes back is taken apart, so that one poison costs no other', async () => {
    await bench.start([Carrier]);
    hanging = new Set(['poison']);
    await sendAll(['a', 'poison', 'b']);
    await eventually(() => expect(handled).toHaveLength(3));
    await eventually(async () => expect(await bench.effects()).toEqual(['a', 'b']));
    // As when its process dies of it: nothing was acked, since one is not done.
    await bench.broker.closeConnections();
    await eventually(() => expect(handled).toHaveLength(6));
    await bench.stop();
    expect(await onQueue()).toEqual([
      { contentType: 'application/json', content: { what: 'poison' } },
    ]);
    expect(await bench.effects()).toEqual(['a', 'b']);
    const ids = new Set(handled.map(({ what, message }) => `${what} ${message.id}`));
    expect(ids.size).toBe(3);
  });

  it('a bundle that has a message twice and comes back has one effect', async () => {
    await bench.start([Carrier]);
    await bench.stop();
    const event = { specversion: '1.0', id: v7(), data: { what: 'twice' } };
    await bench.broker.sendToQueue(queue, [event, event], { contentType: bundleType });
    // Who reads and does not ack makes it come back.
    expect(await onQueue()).toHaveLength(1);
    await bench.start([Carrier]);
    await eventually(() => expect(handled).toHaveLength(2));
    await bench.stop();
    expect(await onQueue()).toEqual([]);
    expect(handled).toHaveLength(2);
    expect(await bench.effects()).toEqual(['twice']);
  });

  it('what is no list of CloudEvents is dead-lettered whole, byte for byte', async () => {
    await bench.start([Carrier]);
    const bundle = { contentType: bundleType };
    await bench.broker.sendToQueue(queue, Buffer.from('[{"id": '), bundle);
    await bench.broker.sendToQueue(queue, [], bundle);
    const [deadLetter] = await eventually(async () => {
      const found = await bench.broker.deadLetters(queue);
      expect(found).toHaveLength(1);
      return found;
    });
    expect(deadLetter?.body).toBe('[{"id": ');
    expect(deadLetter?.headers).toMatchObject({ 'x-error-code': 'bad_json' });
    await eventually(async () => expect(await bench.broker.depth(queue)).toBe(0));
    // What is not acked comes back.
    await bench.stop();
    expect(await bench.broker.depth(queue)).toBe(0);
  });

  it('one that is not valid is dead-lettered alone, as it would have come alone', async () => {
    await bench.start([Carrier]);
    const [type, source, long] = ['Parcel', '/shop', 'x'.repeat(2_000)];
    const events = [
      { specversion: '1.0', id: v7(), data: { what: 'fine' } },
      { specversion: '1.0', data: { what: 'anonymous' } },
      { specversion: '1.0', id: 'seven', type, source, correlationid: 'flow', data: { what: 7 } },
      { specversion: '1.0', id: 'never', time: 'never', data: 'no object' },
      { specversion: '1.0', id: long, data: { what: 'long' } },
      { specversion: '1.0', id: 'empty' },
    ];
    const headers = { 'x-colour': 'grey' };
    const bundle = { contentType: bundleType, messageId: 'bundle', correlationId: 'b', headers };
    await bench.broker.sendToQueue(queue, events, bundle);
    await eventually(async () => expect(await bench.effects()).toEqual(['fine']));
    const found = await eventually(async () => {
      const all = await bench.broker.deadLetters(queue);
      expect(all).toHaveLength(5);
      return all;
    });
    const codeOf = (wanted: unknown) => {
      const one = found.find(({ body }) => JSON.stringify(body) === JSON.stringify(wanted));
      return one?.headers['x-error-code'];
    };
    expect(codeOf({ what: 'anonymous' })).toBe('missing_message_id');
    expect(codeOf({ what: 'long' })).toBe('missing_message_id');
    expect(codeOf({ what: 7 })).toBe('invalid_body');
    expect(codeOf('no object')).toBe('bad_json');
    expect(codeOf(null)).toBe('bad_json');
    const byId = (id: string) => found.find(({ headers }) => headers['cloudEvents:id'] === id);
    expect(byId('seven')).toMatchObject({
      headers: { 'x-colour': 'grey' },
      properties: { messageId: 'seven', correlationId: 'flow', appId: 'shop', type },
    });
    expect(byId('never')).toMatchObject({
      headers: { 'cloudEvents:source': '/' },
      properties: { messageId: 'never', correlationId: 'never' },
    });
    // An id that no property can hold is still to be found.
    expect(byId(long.slice(0, 1_000))?.body).toEqual({ what: 'long' });
    expect(await bench.broker.depth(queue)).toBe(0);
  });
});

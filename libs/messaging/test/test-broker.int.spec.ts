import { LogEntries, OrderCancelled } from '@tradepost/contracts';
import { connect, type ChannelModel } from 'amqplib';
import { v7 } from 'uuid';
import { fanout, work } from '@tradepost/messaging/contract';
import { eventually } from '@tradepost/messaging/testing';
import { environment } from '@tradepost/test-kit';
import { slotOf } from '../src/ordered/slots';
import { Management } from '../src/testing/management';
import { TestBroker } from '../src/testing/test-broker';

describe('TestBroker', () => {
  let broker: TestBroker;
  let client: ChannelModel;

  beforeAll(async () => {
    broker = await TestBroker.create();
    client = await connect(broker.amqpUrl);
    client.on('error', () => undefined);
  });

  afterAll(async () => {
    await client.close().catch(() => undefined);
    await broker.close();
  });

  it('publishes to an exchange and hears what is published', async () => {
    const cancelled = await broker.listen(OrderCancelled);
    const body = { orderId: v7(), reason: 'changed their mind' };
    await broker.publish(OrderCancelled, body, { messageId: 'm-1' });
    await eventually(() => expect(cancelled.messages).toHaveLength(1));
    expect(cancelled.messages[0]).toMatchObject({ body, properties: { messageId: 'm-1' } });
  });

  it('publishes by the key of a contract', async () => {
    class Moved {
      static readonly route = fanout('moved', { key: 'line' });
      line!: number;
    }
    class Move {
      static readonly route = work('tests.move', { key: 'line' });
      line!: number;
    }
    const moved = await broker.listen(Moved);
    await broker.publish(Moved, { line: 7 });
    await eventually(() => expect(moved.messages).toMatchObject([{ routingKey: slotOf('7') }]));
    await broker.declareExchange('tests.move.keys', 'direct');
    await broker.declareQueue('tests.move.7');
    await broker.bindQueue('tests.move.7', 'tests.move.keys', slotOf('7'));
    await broker.publish(Move, { line: 7 });
    expect(await broker.depth('tests.move.7')).toBe(1);
  });

  it('hears the part of a topic that the key matches', async () => {
    const warnings = await broker.listen(LogEntries, { key: '#.warning.#' });
    const all = await broker.listen(LogEntries);
    const entry = { service: 'orders', message: 'hello', time: new Date().toISOString() };
    for (const level of ['info', 'warning'] as const) {
      await broker.publish(LogEntries, { entries: [{ ...entry, level }] }, { key: `log.${level}` });
    }
    await eventually(() => expect(all.messages).toHaveLength(2));
    await eventually(() => expect(warnings.messages).toHaveLength(1));
    expect(warnings.messages[0]?.body.entries[0]?.level).toBe('warning');
  });

  it('says so when no queue takes a message', async () => {
    await expect(broker.sendToQueue('nowhere', {})).rejects.toThrow(/no queue takes/);
  });

  it('remembers dead letters and gives none of a missing queue', async () => {
    const channel = await client.createChannel();
    await channel.assertQueue('jobs.dead', { durable: true });
    await broker.sendToQueue('jobs.dead', Buffer.from('not json'), { headers: { why: 'x' } });
    expect(await broker.depth('jobs.dead')).toBe(1);
    const deadLetter = { body: 'not json', headers: { why: 'x' } };
    expect(await broker.deadLetters('jobs')).toMatchObject([deadLetter]);
    expect(await broker.deadLetters('jobs')).toMatchObject([deadLetter]);
    expect(await broker.deadLetters('missing')).toEqual([]);
    expect(await broker.allDeadLetters()).toMatchObject({ jobs: [deadLetter] });
  });

  it('asks a queue and gets the reply', async () => {
    const channel = await client.createChannel();
    await channel.assertQueue('echo', { durable: true });
    await channel.consume('echo', (message) => {
      if (!message) return;
      const { replyTo, correlationId } = message.properties;
      channel.sendToQueue(String(replyTo), message.content, { correlationId });
      channel.ack(message);
    });
    expect(await broker.ask('echo', { id: '1' })).toMatchObject({ body: { id: '1' } });
    await broker.deleteQueue('echo');
  });

  it('closes the connections of others, not its own', async () => {
    const closed = new Promise((resolve) => client.once('close', resolve));
    const heard = await broker.listen(OrderCancelled);
    expect(await broker.closeConnections()).toBe(1);
    await closed;
    await broker.publish(OrderCancelled, { orderId: v7(), reason: 'still here' });
    await eventually(() => expect(heard.messages).toHaveLength(1));
  });

  it('closes those of a user that somebody else has made', async () => {
    const management = new Management(environment().managementUrl);
    const url = new URL(broker.amqpUrl);
    const vhost = url.pathname.slice(1);
    [url.username, url.password] = [`${vhost}-other`, 'secret'];
    await management.createUser(url.username, url.password);
    try {
      await management.permit(vhost, url.username, { configure: '^$', write: '^$', read: '^$' });
      const other = await connect(url.href);
      other.on('error', () => undefined);
      const closed = new Promise((resolve) => other.once('close', resolve));
      expect(await broker.closeConnections()).toBe(1);
      await closed;
    } finally {
      await management.dropUser(url.username);
    }
  });
});

import type { INestApplicationContext } from '@nestjs/common';
import { SaleBooked } from '@tradepost/contracts';
import { replyExchange, type Mode } from '@tradepost/messaging';
import {
  environment,
  eventually,
  type Seen,
  TestBroker,
  testService,
  type TestService,
} from '@tradepost/test-kit';
import Ajv from 'ajv/dist/2020';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { apps } from '../../../apps/services';
import type { Channel, Message, Operation } from '../asyncapi/parts';
import { speakers } from '../speakers';
import { follow, messagesIn, readAsyncApi } from './document';
import { type Driven, drivenBy, eventsIn, inWordsOfAmqp, publish } from './driven';
import { startProbe, type Taken } from './probes';

const run = promisify(execFile);
const document = readAsyncApi();
const ajv = new Ajv({ strict: false, validateFormats: false });
ajv.addSchema({ $id: 'asyncapi', components: document.components });

const sends = Object.values(document.operations).filter(({ action }) => action === 'send');
// Several services may send the same.
const distinct = new Map(sends.map((one) => [JSON.stringify(one.messages), one]));
const allIn = (mode: Mode) =>
  [...distinct.values()].flatMap((one) =>
    drivenBy(document, one, mode).map((driven): [string, Driven, Operation] => [
      `${driven.message.name} by ${driven.exchange || 'the default exchange'} ${driven.key}`,
      driven,
      one,
    ]),
  );

/** What is wrong with a message, by the document. */
function faultsOf(message: Message, { headers, body, properties }: Seen): unknown[] {
  const judge = (schema: object, value: unknown) =>
    ajv.validate(absolute(schema), value) ? [] : (ajv.errors ?? []);
  return [
    ...judge(message.headers, headers),
    ...judge(message.payload, body),
    ...judge(message['x-amqp-properties'], inWordsOfAmqp(properties)),
  ];
}

function absolute(schema: object): object {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"asyncapi#/')) as object;
}

function named(messages: Message[], name: string): Message {
  const found = messages.find((one) => one.name === name);
  if (found === undefined) throw new Error(`there is no message ${name}`);
  return found;
}

describe.each(['strict', 'simple'] as const)(
  'the examples, published as the document says, %s',
  (mode) => {
    const all = allIn(mode);
    let broker: TestBroker;
    let probes: INestApplicationContext[];
    const taken: Taken[] = [];

    beforeAll(async () => {
      broker = await TestBroker.create();
      const { amqpUrl } = broker;
      const { managementUrl: AMQP_MANAGEMENT_URL } = environment();
      const env = { ...process.env, AMQP_URL: amqpUrl, AMQP_MANAGEMENT_URL, AMQP_MODE: mode };
      // In simple mode services make what they need.
      if (mode === 'strict')
        await run(process.execPath, ['dist/ops/topology.js', 'apply'], { env });
      const services = (await speakers()).filter(({ wirings }) => wirings.length > 0);
      probes = await Promise.all(services.map((one) => startProbe(one, { amqpUrl, mode }, taken)));
    });
    afterAll(async () => {
      await Promise.all(probes.map(async (one) => one.close()));
      await broker.close();
    });
    beforeEach(() => taken.splice(0));

    const events = all.filter(([, , { reply }]) => reply === undefined);
    it.each(events)('%s: taken from each queue that it comes to', async (_, driven) => {
      const expected = driven.queues.flatMap((queue) =>
        eventsIn(driven).map((event) => ({ queue, type: driven.properties['type'], ...event })),
      );
      await publish(broker, driven);

      const sorted = (list: object[]) => list.map((one) => JSON.stringify(one)).sort();
      const order = ({ queue, type, id, body }: Taken) => ({ queue, type, id, body });
      await eventually(() => expect(sorted(taken.map(order))).toEqual(sorted(expected)));
      expect(expected).not.toEqual([]);
    });

    const questions = all.filter(([, , { reply }]) => reply !== undefined);
    it.each(questions)('%s: answered as the document says', async (_title, driven, { reply }) => {
      const { exchange, key, example } = driven;
      const { replyTo: _, ...properties } = driven.properties;
      const answer = await broker.ask(key, example.payload, { exchange, ...properties });

      const { channel, messages = [] } = reply ?? {};
      const way = channel && follow<Channel>(document, channel)['x-send-to']?.[mode];
      // By which it came.
      const answersBy = mode === 'strict' ? replyExchange : '';
      expect(way).toEqual({ exchange: answersBy, routingKey: '$message.header#/reply_to' });
      const [message] = messagesIn(document, messages);
      expect(message?.examples[0]?.payload).toEqual(answer.body);
      expect(answer.properties.correlationId).toBe(properties['correlationId']);
      expect(answer.properties.contentType).toBe(message?.contentType);
    });

    it('nothing of them was refused', async () => {
      expect(await broker.allDeadLetters()).toEqual({});
    });
  },
);

describe('a real service', () => {
  const all = allIn('simple');
  let service: TestService | undefined;
  afterEach(async () => service?.stop());

  const of = (name: string) => all.filter(([title]) => title.startsWith(`${name} by`));

  it('answers and refuses a question as the document says', async () => {
    service = await testService(await apps.users.module());
    for (const [, driven, { reply }] of of('GetUser')) {
      const { key, example } = driven;
      const { replyTo: _, ...properties } = driven.properties;
      const messages = messagesIn(document, reply?.messages ?? []);
      const answer = await service.broker.ask(key, example.payload, properties);
      const refusal = await service.broker.ask(key, { id: '404' }, properties);

      const faults = (name: string, seen: Seen) => faultsOf(named(messages, name), seen);
      expect(faults('User', answer)).toEqual([]);
      expect(faults('Refusal', refusal)).toEqual([]);
      expect(faults('Refusal', answer)).not.toEqual([]);
    }
    expect(of('GetUser')).toHaveLength(1);
  });

  it('takes an event alone and in a list, and sends what the document says', async () => {
    service = await testService(await apps.financial.module());
    const heard = await service.broker.listen(SaleBooked);
    const orderIds: string[] = [];
    for (const [, driven] of [...of('SaleFinalized'), ...of('SaleFinalizedBundle')]) {
      const { payload } = driven.example;
      const list = Array.isArray(payload) ? (payload as { data: object }[]) : [{ data: payload }];
      const fresh = list.map((event) => {
        orderIds.push(randomUUID());
        return {
          ...event,
          id: randomUUID(),
          data: { ...(event.data as object), orderId: orderIds.at(-1) },
        };
      });
      const one = Array.isArray(payload) ? fresh : fresh[0]?.data;
      const properties = { ...driven.properties, messageId: randomUUID() };
      await publish(service.broker, {
        ...driven,
        example: { ...driven.example, payload: one },
        properties,
      });
    }

    await eventually(() => {
      const booked = heard.messages.map(({ body }) => body.orderId);
      expect(booked.sort()).toEqual(orderIds.sort());
    });
    expect(orderIds).toHaveLength(3);
    const { messages } = document.components;
    const booked = named(Object.values(messages), 'SaleBooked');
    expect(heard.messages.flatMap((one) => faultsOf(booked, one))).toEqual([]);
  });
});

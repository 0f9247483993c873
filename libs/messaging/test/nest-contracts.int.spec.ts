import { Controller } from '@nestjs/common';
import { Ctx, EventPattern, Payload, RmqContext } from '@nestjs/microservices';
import { once, send, sendEach } from '@tradepost/messaging';
import { fanout } from '@tradepost/messaging/contract';
import { ContractDeserializer, messageOf, RabbitStrategy } from '@tradepost/messaging/nest';
import { eventually } from '@tradepost/test-kit';
import { connect, type ConsumeMessage } from 'amqplib';
import { IsInt } from 'class-validator';
import { bundleType } from '../src/bundle';
import { Bench } from './bench';
import { NestParts } from './stock-nest';

class CatSold {
  static readonly route = fanout('cat-sold', { bundled: true });

  @IsInt()
  price!: number;
}

let bench: Bench;
const parts = new NestParts();
const heard: unknown[] = [];
const ids: string[] = [];
/** How each came. */
const fields: ConsumeMessage['fields'][] = [];

@Controller()
class Shelter {
  @EventPattern('CatSold')
  sold(@Payload() sold: unknown, @Ctx() context: RmqContext): void {
    heard.push(sold);
    ids.push(messageOf(context).id);
    fields.push((context.getMessage() as ConsumeMessage).fields);
  }
}

@Controller()
class StockShelter {
  @EventPattern('CatSold')
  sold(@Payload() sold: unknown[]): void {
    heard.push(...sold);
  }
}

@Controller()
class Ledger {
  @EventPattern('cat-paid')
  async paid(@Payload() { price }: CatSold, @Ctx() context: RmqContext): Promise<void> {
    await bench.db.transaction(async (tx) => {
      if (await once(tx, messageOf(context))) heard.push(price);
    });
  }
}

beforeAll(async () => {
  bench = await Bench.open();
  await bench.start([]);
});
afterAll(() => bench.close());
beforeEach(() => void heard.splice(0));
afterEach(() => parts.close());

const bound = (queue: string) => ({
  urls: [bench.broker.amqpUrl],
  exchange: 'cat-sold',
  exchangeType: 'fanout' as const,
  queue,
});
const prices = [1, 2, 3, 4, 5].map((price) => ({ price }));

async function sell(): Promise<void> {
  await bench.db.transaction(async (tx) => void (await send(tx, CatSold, { price: 0 })));
  const bodies = prices.map((body) => ({ body }));
  await bench.db.transaction(async (tx) => sendEach(tx, CatSold, bodies));
}

it('what is sent by a contract reaches a strategy, each by its own', async () => {
  await parts.listen({ strategy: new RabbitStrategy(bound('shelter')) }, Shelter);
  await sell();
  await eventually(() => expect(heard).toEqual([{ price: 0 }, ...prices]));
  expect(new Set(ids).size).toBe(6);
  expect(new Set(fields.map(({ exchange }) => exchange))).toEqual(new Set(['cat-sold']));
});

it('a bundle that came back is taken apart, and what is none is a dead letter', async () => {
  const queue = 'kennel';
  const listen = async () => parts.listen({ strategy: new RabbitStrategy(bound(queue)) }, Shelter);
  await listen();
  await parts.close();
  const bundle = { contentType: bundleType };
  const type = 'CatSold';
  const events = prices.map((data) => ({ specversion: '1.0', id: `${data.price}`, type, data }));
  await bench.broker.sendToQueue(queue, events, bundle);
  await bench.broker.sendToQueue(queue, Buffer.from('[{'), bundle);
  // Who reads and does not ack makes it come back.
  const reader = await connect(bench.broker.amqpUrl);
  await (await reader.createChannel()).get(queue);
  await reader.close();
  fields.length = 0;
  await listen();
  await eventually(() => expect(heard).toEqual(prices));
  expect(fields.map(({ exchange, redelivered }) => ({ exchange, redelivered }))).toEqual(
    prices.map(() => ({ exchange: '', redelivered: false })),
  );
  await eventually(async () => {
    const dead = await bench.broker.deadLetters(queue);
    expect(dead).toMatchObject([{ body: '[{', headers: { 'x-error-code': 'bad_json' } }]);
  });
});

it('and a listener on the stock transport, as a list', async () => {
  const deserializer = new ContractDeserializer();
  await parts.stockServer({ ...bound('stock-shelter'), deserializer }, StockShelter);
  await sell();
  await eventually(() => expect(heard).toEqual([{ price: 0 }, ...prices]));
});

it('a copy is known by its id, and one without an id is a dead letter', async () => {
  const options = { urls: [bench.broker.amqpUrl], queue: 'payments-of-cats' };
  await parts.listen({ strategy: new RabbitStrategy(options) }, Ledger);
  const pay = async (price: number, messageId?: string) =>
    bench.broker.sendToQueue(
      options.queue,
      { pattern: 'cat-paid', data: { price } },
      { messageId },
    );
  await pay(1, 'a');
  await pay(1, 'a');
  await pay(2, 'b');
  await pay(3, undefined);
  await eventually(async () => {
    const dead = await bench.broker.deadLetters(options.queue);
    expect(dead).toMatchObject([{ headers: { 'x-error-code': 'missing_message_id' } }]);
  });
  await eventually(() => expect(heard).toEqual([1, 2]));
});

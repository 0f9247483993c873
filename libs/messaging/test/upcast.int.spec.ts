import { Injectable } from '@nestjs/common';
import { Db } from '@tradepost/database';
import {
  DeadLetters,
  OnFanout,
  OnRpc,
  OnTopic,
  OnWork,
  Rejected,
  once,
  send,
  sendEach,
  type Failed,
  type Message,
  type Received,
} from '@tradepost/messaging';
import { fanout, rpc, topic, upcast, work, type Contract } from '@tradepost/messaging/contract';
import { eventually } from '@tradepost/test-kit';
import { IsInt, IsString } from 'class-validator';
import { Bench, insertEffect } from './bench';

/** Of release 1: kilograms. */
class WeighedV1 {
  @IsString()
  what!: string;

  @IsInt()
  kilograms!: number;
}

class Weighed {
  @IsString()
  what!: string;

  @IsInt()
  grams!: number;
}

const grams = ({ what, kilograms }: WeighedV1): Weighed => ({ what, grams: kilograms * 1_000 });

class ParcelV1 extends WeighedV1 {
  static readonly type = 'Parcel';
  static readonly route = work('tests.parcel', { bundled: true });
}
class Parcel extends Weighed {
  static readonly route = ParcelV1.route;
  static readonly upcasts = [upcast(ParcelV1, grams)];
}

class DeliveredV1 extends WeighedV1 {
  static readonly type = 'Delivered';
  static readonly route = fanout('delivered', { bundled: true });
}
class Delivered extends Weighed {
  static readonly route = DeliveredV1.route;
  static readonly upcasts = [upcast(DeliveredV1, grams)];
}

class WeightV1 extends WeighedV1 {
  static readonly route = topic('weights');
}
class Weight extends Weighed {
  static readonly route = WeightV1.route;
  static readonly upcasts = [upcast(WeightV1, grams)];
}

class Price {
  @IsInt()
  cents!: number;
}
class GetPriceV1 extends WeighedV1 {
  static readonly route = rpc('tests.get-price', Price);
}
class GetPrice extends Weighed {
  static readonly route = GetPriceV1.route;
  static readonly upcasts = [upcast(GetPriceV1, grams)];
}

let refusing = false;

/** Of release 1. */
@Injectable()
class OldCarrier {
  @OnWork(ParcelV1, { retry: ['1s'] })
  async carry(): Promise<void> {
    if (refusing) throw new Rejected('not_now');
    return Promise.reject(new Error('not yet'));
  }
}

const said = ({ what, grams }: Weighed) => `${what} ${grams}`;

@Injectable()
class Carrier {
  constructor(private readonly db: Db) {}

  @OnWork(Parcel, { retry: ['1s'] })
  async carry(parcel: Parcel, message: Message): Promise<void> {
    if (!(parcel instanceof Parcel)) throw new Rejected('no_parcel');
    await this.db.transaction(async (tx) => {
      const text = `${said(parcel)} ${message.type} try ${message.attempt}`;
      if (await once(tx, message)) await tx.query(insertEffect, [text]);
    });
  }

  @OnFanout(Delivered, { batch: { size: 10 } })
  async hear(batch: Received<Delivered>[]): Promise<Failed[]> {
    for (const { body } of batch) await this.db.query(insertEffect, [`heard ${said(body)}`]);
    return [];
  }

  @OnTopic(Weight, { queue: 'tests.weights', key: '#' })
  async note(weight: Weight): Promise<void> {
    await this.db.query(insertEffect, [`noted ${said(weight)}`]);
  }

  @OnRpc(GetPrice)
  async price({ grams }: GetPrice): Promise<Price> {
    return Promise.resolve({ cents: grams / 10 });
  }
}

describe('a body of an older release', () => {
  let bench: Bench;
  const { queue } = Parcel.route;
  const dead = `${queue}.dead`;
  const effects = (...expected: string[]) =>
    eventually(async () => expect(await bench.effects()).toEqual(expected));

  beforeEach(async () => {
    refusing = false;
    bench = await Bench.open();
  });
  afterEach(() => bench.close());

  it('that waits in its queue is upcast, alone and of a bundle, as one of today is taken', async () => {
    await bench.start([OldCarrier]);
    await bench.stop();
    const kilogram = { kilograms: 1 };
    await bench.broker.publish(ParcelV1, { what: 'a', ...kilogram });
    await bench.broker.publish(Parcel, { what: 'b', grams: 7 });

    const { messages } = await bench.start([Carrier]);
    await effects('a 1000 Parcel try 1', 'b 7 Parcel try 1');

    await bench.db.transaction(async (tx) => {
      const bodies = ['c', 'd'].map((what) => ({ body: { what, kilograms: 2 } }));
      await sendEach(tx, DeliveredV1, bodies);
      await send(tx, Delivered, { what: 'e', grams: 5 });
    });
    messages.tell(Weight, 'a.b', { what: 'f', grams: 6 });
    await bench.broker.sendToExchange('weights', 'a.b', { what: 'g', kilograms: 1 });
    const heard = ['heard c 2000', 'heard d 2000', 'heard e 5', 'noted f 6', 'noted g 1000'];
    await effects('a 1000 Parcel try 1', 'b 7 Parcel try 1', ...heard);
  });

  it('that waits in an outbox from before the upgrade arrives as one of today', async () => {
    await bench.start([OldCarrier]);
    await bench.stop();
    await bench.db.transaction((tx) => send(tx, ParcelV1, { what: 'a', kilograms: 3 }));
    expect(await bench.outboxDepth()).toBe(1);

    await bench.start([Carrier]);
    await effects('a 3000 Parcel try 1');
  });

  it('that waits in a retry tier goes on with its tries', async () => {
    await bench.start([OldCarrier]);
    await bench.broker.publish(ParcelV1, { what: 'a', kilograms: 1 });
    await eventually(async () => expect(await bench.broker.depth('retry.1s')).toBe(1));
    await bench.stop();

    await bench.start([Carrier]);
    await effects('a 1000 Parcel try 2');
  });

  it('that is a dead letter is right for a replay, with its own body or with one of today', async () => {
    refusing = true;
    await bench.start([OldCarrier]);
    for (const what of ['a', 'b']) {
      await bench.broker.publish(ParcelV1, { what, kilograms: 1 }, { messageId: what });
    }
    await eventually(async () => expect(await bench.broker.depth(dead)).toBe(2));
    await bench.stop();

    await bench.start([Carrier]);
    const { amqpUrl } = bench.broker;
    const contractOf = (): Contract => Parcel;
    const options = { amqpUrl, queues: [queue], by: 'the test', contractOf, waitMs: 10_000 };
    await DeadLetters.use(options, async (deadLetters) => {
      expect(await deadLetters.preview({})).toEqual({ wouldSend: 2, invalid: [], unchecked: 0 });
      const [letter] = await deadLetters.show('b');
      if (letter === undefined) throw new Error('no dead letter');
      const problemOf = (body: object) =>
        deadLetters.problemWith(letter, Buffer.from(JSON.stringify(body)));
      expect(problemOf({ what: 'b', grams: 4 })).toBeUndefined();
      expect(problemOf({ what: 'b', kilograms: '4' })).toMatch(/^Parcel.*grams/);
      await deadLetters.replay({});
    });
    await effects('a 1000 Parcel try 1', 'b 1000 Parcel try 1');
  });

  it('that asks is answered', async () => {
    const { messages } = await bench.start([Carrier]);
    const old = messages.ask(GetPriceV1, { what: 'a', kilograms: 2 });
    expect(await old).toEqual({ cents: 200 });
    expect(await messages.ask(GetPrice, { what: 'a', grams: 20 })).toEqual({ cents: 2 });
  });
});

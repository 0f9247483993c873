import {
  ackErrorHandler,
  MessageHandlerErrorBehavior,
  type MessageHandlerOptions,
  Nack,
} from '@golevelup/nestjs-rabbitmq';
import { BadRequestException } from '@nestjs/common';
import { PublishRefused, Rejected, Unroutable } from '@tradepost/messaging';
import { eventually, TestBroker } from '@tradepost/test-kit';
import { bundleType } from '../src/bundle';
import { handling, Parcels, ParcelServices, parcels } from './parcels';

let broker: TestBroker;
const services = new ParcelServices(() => broker);

beforeAll(async () => {
  broker = await TestBroker.create();
});
afterAll(() => broker.close());
beforeEach(() => {
  parcels.heard = [];
  parcels.does = undefined;
});
afterEach(() => services.close());

const exchanges = [{ name: 'parcels', type: 'topic' }];
let queues = 0;
const newQueue = () => `parcels-${(queues += 1)}`;
const subscribed = (queue: string, more: MessageHandlerOptions = {}) => ({
  exchanges,
  ...handling('parcels', { exchange: 'parcels', routingKey: 'parcel.*', queue, ...more }),
});

describe('a message that a stock service publishes', () => {
  it('reaches its handler, and is acked when that is done', async () => {
    const queue = newQueue();
    const stock = await services.stock({ exchanges });
    const ours = await services.ours(subscribed(queue), Parcels);
    let end = (): void => undefined;
    const ended = new Promise<void>((done) => (end = done));
    parcels.does = () => ended;
    await stock.publish('parcels', 'parcel.sent', { weight: 3 }, { headers: { colour: 'red' } });
    const sent = [{ weight: 3 }, 'parcel.sent', 'red'];
    await eventually(() => expect(parcels.heard).toEqual([sent]));
    await broker.closeConnections();
    // Not acked yet, it comes again.
    await eventually(() => expect(parcels.heard).toEqual([sent, sent]));
    end();
    await ours.close();
    expect(await broker.depth(queue)).toBe(0);
  });

  it('comes to parameters with decorators', async () => {
    const queue = newQueue();
    const options = { exchange: 'parcels', routingKey: ['parcel.sent', 'parcel.lost'], queue };
    await services.ours({ exchanges, ...handling('decorated', options) }, Parcels);
    const stock = await services.stock({});
    await stock.publish('parcels', 'parcel.lost', { weight: 3 }, { headers: { colour: 'red' } });
    await eventually(() => expect(parcels.heard).toEqual([[3, 'red', 'parcels']]));
  });

  it('is tried again as it first came, and dead-lettered with the reason', async () => {
    const queue = newQueue();
    const ours = await services.ours(subscribed(queue), Parcels);
    parcels.does = () => {
      throw new RangeError('too heavy');
    };
    await ours.publish('parcels', 'parcel.sent', { weight: 3 });
    await eventually(async () => expect(await broker.deadLetters(queue)).toHaveLength(1));
    const sent = [{ weight: 3 }, 'parcel.sent', undefined];
    expect(parcels.heard).toEqual([sent, sent]);
    expect(await broker.deadLetters(queue)).toMatchObject([
      {
        body: { weight: 3 },
        headers: {
          'x-error-code': 'range_error',
          'x-error-message': 'too heavy',
          'x-handler': 'Parcels.sent',
          'x-attempts': 2,
          'x-first-routing-key': 'parcel.sent',
        },
      },
    ]);
  });
});

const throws = (error: Error) => () => {
  throw error;
};

describe('what a handler makes of its message', () => {
  it.each<[string, MessageHandlerOptions, () => unknown, object[]]>([
    ['Nack', {}, () => new Nack(), [{ 'x-error-code': 'nacked', 'x-attempts': 1 }]],
    [
      'Nack, again',
      {},
      () => new Nack(true),
      [{ 'x-error-code': 'error', 'x-error-message': 'its handler wants it again' }],
    ],
    [
      'an error with NACK',
      { errorBehavior: MessageHandlerErrorBehavior.NACK },
      throws(new RangeError('no')),
      [{ 'x-error-code': 'range_error', 'x-error-message': 'no', 'x-attempts': 1 }],
    ],
    [
      'an error with ACK',
      { errorBehavior: MessageHandlerErrorBehavior.ACK },
      throws(new RangeError('no')),
      [],
    ],
    ['an error with ackErrorHandler', { errorHandler: ackErrorHandler }, throws(new Error()), []],
    [
      'an error with an error handler that nacks',
      { errorHandler: (channel, raw) => channel.nack(raw, false, false) },
      throws(new RangeError('no')),
      [{ 'x-error-code': 'nacked', 'x-attempts': 1 }],
    ],
    [
      'an error with an error handler that forgets it',
      { errorHandler: () => undefined },
      throws(new RangeError('no')),
      [{ 'x-error-code': 'range_error', 'x-error-message': 'no' }],
    ],
    [
      'what a pipe refuses',
      {},
      throws(new BadRequestException(['weight'])),
      [{ 'x-error-code': 'bad_request_exception', 'x-error-message': 'weight', 'x-attempts': 1 }],
    ],
  ])('%s', async (_, options, does, headers) => {
    const queue = newQueue();
    const ours = await services.ours({ ...subscribed(queue, options), retry: [] }, Parcels);
    parcels.does = does;
    await ours.publish('parcels', 'parcel.sent', { weight: 3 });
    await eventually(() => expect(parcels.heard).not.toEqual([]));
    const expected = headers.map((some) => ({ headers: some }));
    await eventually(async () => {
      expect(await broker.deadLetters(queue)).toMatchObject(expected);
    });
    await services.close();
    expect(await broker.depth(queue)).toBe(0);
  });

  it('a refused one goes where its queue says', async () => {
    const [queue, lost] = [newQueue(), newQueue()];
    await broker.declareQueue(lost);
    const queueOptions = { deadLetterExchange: '', deadLetterRoutingKey: lost };
    const ours = await services.ours(subscribed(queue, { queueOptions }), Parcels);
    parcels.does = () => new Nack();
    await ours.publish('parcels', 'parcel.sent', { weight: 3 });
    await eventually(async () => expect(await broker.depth(lost)).toBe(1));
    expect(await broker.deadLetters(queue)).toEqual([]);
    // One of a bundle cannot go there alone.
    const bundle = [{ id: 'a', data: { weight: 4 } }];
    await broker.sendToQueue(queue, bundle, { contentType: bundleType });
    await eventually(async () => expect(await broker.deadLetters(queue)).toHaveLength(1));
    expect(await broker.depth(lost)).toBe(1);
  });

  it('what is no JSON is a dead letter at once, or a text', async () => {
    const [queue, any] = [newQueue(), newQueue()];
    const bindings = [{ exchange: 'parcels', routingKey: 'parcel.*' }];
    const handlers = {
      parcels: [
        { queue, bindings },
        { queue: any, bindings, allowNonJsonMessages: true },
      ],
    };
    const ours = await services.ours({ exchanges, handlers }, Parcels);
    for (const said of [Buffer.from('a text'), null]) {
      await ours.publish('parcels', 'parcel.sent', said);
    }
    const dead = { headers: { 'x-error-code': 'bad_json' } };
    await eventually(async () =>
      expect(await broker.deadLetters(queue)).toMatchObject([dead, dead]),
    );
    const texts = ['a text', ''].map((text) => [text, 'parcel.sent', undefined]);
    await eventually(() => expect(parcels.heard).toEqual(texts));
  });
});

describe('publish', () => {
  it('resolves when a stock service can hear it', async () => {
    await services.stock(subscribed(newQueue()), Parcels);
    const ours = await services.ours({ exchanges });
    const headers = { colour: 'red' };
    expect(await ours.publish('parcels', 'parcel.sent', { weight: 3 }, { headers })).toBe(true);
    await eventually(() => {
      expect(parcels.heard).toEqual([[{ weight: 3 }, 'parcel.sent', 'red']]);
    });
  });

  it('fails when nobody can get it', async () => {
    const ours = await services.ours({ exchanges });
    const failed = ours.publish('parcels', 'nobody', {});
    await expect(failed).rejects.toBeInstanceOf(Unroutable);
    expect(await ours.publish('parcels', 'nobody', {}, { mandatory: false })).toBe(true);
    const nowhere = ours.publish('no-exchange', 'nobody', {});
    await expect(nowhere).rejects.toBeInstanceOf(PublishRefused);
    expect(await ours.publish('parcels', 'nobody', {}, { mandatory: false })).toBe(true);
  });
});

const answered = (queue: string, more: MessageHandlerOptions = {}) => ({
  exchanges,
  handlers: {
    prices: { exchange: 'parcels', routingKey: 'price', queue, ...more },
    times: { exchange: 'parcels', routingKey: 'time.#', queue, ...more },
  },
});
const question = (routingKey: string, payload: object) => {
  return { exchange: 'parcels', routingKey, payload, timeout: 2_000 };
};

describe('a question', () => {
  it('of a stock service is answered by the method of its key', async () => {
    await services.ours(answered(newQueue()), Parcels);
    const stock = await services.stock({ exchanges });
    const headers = { 'X-Request-ID': 'r1' };
    const asked = stock.request({ ...question('price', { weight: 3 }), headers });
    expect(await asked).toEqual({ price: 6 });
    expect(await stock.request(question('time.air.fast', { weight: 3 }))).toEqual({ days: 3 });
  });

  it('is answered by a stock service', async () => {
    await services.stock(answered(newQueue()), Parcels);
    const ours = await services.ours({ exchanges });
    const headers = { 'X-Request-ID': 'r1' };
    const asked = { ...question('price', { weight: 3 }), headers, correlationId: 'c1' };
    const answers = await Promise.all([ours.request(asked), ours.request(asked)]);
    expect(answers).toEqual([{ price: 6 }, { price: 6 }]);
    expect(await ours.request(question('time.air', { weight: 3 }))).toEqual({ days: 3 });
  });

  it('ends with the reason, or by its deadline', async () => {
    const ours = await services.ours(answered(newQueue()), Parcels);
    const fails = async (routingKey: string, payload = { weight: 11 }, timeout = 2_000) =>
      ours.request({ ...question(routingKey, payload), timeout }).catch((error: Error) => error);
    parcels.does = throws(new Rejected('too_heavy', 'eleven kilos'));
    expect(await fails('price')).toMatchObject({ name: 'Rejected', code: 'too_heavy' });
    parcels.does = throws(new Error('a secret of the inside'));
    expect(await fails('price')).toMatchObject({ name: 'RpcFailed' });
    expect(await fails('time')).toMatchObject({ name: 'Rejected', code: 'nacked' });
    expect(await fails('nobody')).toMatchObject({ name: 'Unroutable' });
    let end = (): void => undefined;
    const ended = new Promise<void>((done) => (end = done));
    parcels.does = () => ended;
    expect(await fails('price', undefined, 50)).toMatchObject({
      name: 'RpcTimeoutError',
      exchange: 'parcels',
      routingKey: 'price',
      timeout: 50,
    });
    end();
  });

  it("is answered by a handler's errorHandler, on its channel", async () => {
    const errorHandler: MessageHandlerOptions['errorHandler'] = (channel, raw, { message }) => {
      const { replyTo, correlationId } = raw.properties as {
        replyTo: string;
        correlationId: string;
      };
      channel.sendToQueue(replyTo, Buffer.from(JSON.stringify({ message })), { correlationId });
      channel.ack(raw);
    };
    await services.ours(answered(newQueue(), { errorHandler }), Parcels);
    const stock = await services.stock({ exchanges });
    parcels.does = throws(new Error('no price'));
    expect(await stock.request(question('price', {}))).toEqual({ message: 'no price' });
  });

  it('can be answered by publish', async () => {
    const ours = await services.ours(subscribed(newQueue()), Parcels);
    parcels.does = async ({ properties }) => {
      const { replyTo, correlationId } = properties as { replyTo: string; correlationId: string };
      parcels.heard.push(await ours.publish('', replyTo, { published: true }, { correlationId }));
    };
    expect(await ours.request(question('parcel.asked', {}))).toEqual({ published: true });
    await eventually(() => expect(parcels.heard).toContain(true));
  });
});

describe('a rolling change', () => {
  it.each<[string, MessageHandlerOptions]>([
    ['a queue as the README shows it', {}],
    ['one that is not durable', { queueOptions: { durable: false } }],
    [
      'one with arguments',
      { queueOptions: { messageTtl: 60_000, arguments: { 'x-queue-type': 'quorum' } } },
    ],
  ])('has old and new replicas take from one queue: %s', async (_, options) => {
    const queue = newQueue();
    await services.stock(answered(queue, options), Parcels);
    const handled = { ...answered(queue, options) };
    const ours = await services.ours(
      { exchanges, handlers: { ...handled.handlers, ...subscribed(newQueue(), options).handlers } },
      Parcels,
    );
    const weights = Array.from({ length: 20 }, (_, index) => index);
    const answers = await Promise.all(
      weights.map(async (weight) => ours.request(question('price', { weight }))),
    );
    expect(answers).toEqual(weights.map((weight) => ({ price: weight * 2 })));
  });
});

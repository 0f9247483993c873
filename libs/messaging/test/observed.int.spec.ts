import { Injectable } from '@nestjs/common';
import { Db } from '@tradepost/database';
import {
  Messages,
  once,
  OnRpc,
  OnWork,
  Rejected,
  send,
  ServiceHandlers,
  withTrace,
  type Message,
  type Step,
} from '@tradepost/messaging';
import { eventually } from '@tradepost/test-kit';
import { Bench, insertEffect } from './bench';
import { DoWork, Double, Doubled } from './contracts';

const traceId = 'ab'.repeat(16);
const traceparent = `00-${traceId}-${'cd'.repeat(8)}-01`;
const queue = 'tests.do-work';

@Injectable()
class Worker {
  constructor(private readonly db: Db) {}

  @OnWork(DoWork, { retry: ['1s'] })
  async handle({ what }: DoWork, message: Message): Promise<void> {
    if (what === 'never') throw new Rejected('not_today', 'no');
    if (what === 'later' && message.attempt === 1) throw new TypeError('not yet');
    await this.db.transaction(async (tx) => {
      if (await once(tx, message)) await tx.query(insertEffect, [what]);
    });
  }

  @OnRpc(Double)
  async double({ value }: Double): Promise<Doubled> {
    if (value < 0) throw new Rejected('negative');
    return Promise.resolve({ value: value * 2 });
  }
}

describe('what a service does', () => {
  let bench: Bench;
  let handlers: ServiceHandlers;
  let messages: Messages;

  beforeEach(async () => {
    bench = await Bench.open();
    const { app } = await bench.start([Worker]);
    handlers = app.get(ServiceHandlers);
    messages = app.get(Messages);
  });
  afterEach(() => bench.close());

  const sendInTrace = async (what: string) =>
    withTrace(traceparent, async () => bench.db.transaction((tx) => send(tx, DoWork, { what })));
  const handlerOf = (name: string) => handlers.list().find((one) => one.queue === name);

  it('is counted, by handler and by what it sent', async () => {
    await sendInTrace('now');
    await sendInTrace('never');
    await messages.ask(Double, { value: 2 });
    await eventually(() => {
      expect(handlerOf(queue)).toMatchObject({ handled: 1, deadLettered: 1, retried: 0 });
    });
    expect(handlerOf(queue)).toMatchObject({ pattern: 'work', contract: 'DoWork', inHand: 0 });
    const { p50Ms, p99Ms, waitedMs } = handlerOf(queue) ?? {};
    expect(p50Ms).toBeGreaterThan(0);
    expect(p99Ms).toBeGreaterThanOrEqual(p50Ms ?? Infinity);
    expect(waitedMs).toBeGreaterThanOrEqual(0);
    expect(handlerOf('tests.double')).toMatchObject({ pattern: 'rpc', handled: 1 });
    expect(handlers.sent()).toEqual(
      expect.arrayContaining([
        { exchange: '', routingKey: queue, contract: 'DoWork', count: 2 },
        { exchange: '', routingKey: 'tests.double', contract: 'Double', count: 1 },
      ]),
    );
  });

  it('is told, step by step, while it is watched', async () => {
    const steps: Step[] = [];
    const end = handlers.watch((seen) => steps.push(...seen.steps));
    const id = await sendInTrace('later');
    await sendInTrace('never');
    const copy = { messageId: id, headers: { traceparent } };
    const found = (outcome: string) =>
      steps.find((step) => step.kind === 'handled' && step.outcome === outcome);
    await eventually(() => expect(found('ok')).toBeDefined());
    await bench.broker.publish(DoWork, { what: 'later' }, copy);
    await eventually(() => expect(found('absorbed')).toBeDefined());
    await withTrace(traceparent, async () => messages.ask(Double, { value: -1 })).catch(() => 0);
    await eventually(() => expect(found('refused')).toBeDefined());
    end();

    const sent = steps.find((step) => step.kind === 'sent' && step.messageId === id);
    const common = { traceId, service: 'tests', messageId: id, contract: 'DoWork', queue };
    expect(sent).toMatchObject({ ...common, pattern: 'work', body: { what: 'later' } });
    const handled = { ...common, handler: 'Worker.handle', attemptsMax: 2, batch: 1 };
    const error = { code: 'type_error', message: 'not yet' };
    expect(found('retried')).toMatchObject({ ...handled, attempt: 1, retryTier: '1s', error });
    expect(found('ok')).toMatchObject({ ...handled, attempt: 2, body: { what: 'later' } });
    expect(found('dead')).toMatchObject({ error: { code: 'not_today' } });
    expect(found('refused')).toMatchObject({ handler: 'Worker.double', body: { value: -1 } });
    expect(found('ok')?.waitedMs).toBeGreaterThan(900);
  });

  it('is not told to who watches no more', async () => {
    const steps: Step[] = [];
    handlers.watch((seen) => steps.push(...seen.steps))();
    await sendInTrace('now');
    await eventually(() => expect(handlerOf(queue)).toMatchObject({ handled: 1 }));
    expect(handlers.isWatched).toBe(false);
    expect(steps.map(({ kind }) => kind)).toEqual([]);
  });

  it('is declared: handlers, bindings, tiers, what it sends', () => {
    expect(handlers.declared()).toMatchObject({
      service: 'tests',
      handlers: expect.arrayContaining([
        expect.objectContaining({ name: 'Worker.handle', pattern: 'work', queue, retry: ['1s'] }),
        expect.objectContaining({ name: 'Worker.double', pattern: 'rpc', retry: [] }),
      ]),
    });
    const { queues } = handlers.declared().topology;
    expect(queues.map(({ name }) => name)).toEqual(
      expect.arrayContaining([queue, `${queue}.dead`]),
    );
  });
});

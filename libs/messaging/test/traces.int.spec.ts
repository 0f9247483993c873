import { endedSpans, forgetSpans, spansOf } from './in-memory-sdk';
import { trace, type Span } from '@opentelemetry/api';
import { Injectable } from '@nestjs/common';
import { Db } from '@tradepost/database';
import {
  currentTrace,
  Messages,
  once,
  OnFanout,
  OnRpc,
  OnTopic,
  OnWork,
  Rejected,
  Replays,
  send,
  sendEach,
  type Message,
  type Received,
} from '@tradepost/messaging';
import { fanout, work } from '@tradepost/messaging/contract';
import { eventually, type SeenSpan, treeOf } from '@tradepost/test-kit';
import { IsString } from 'class-validator';
import { Bench, insertEffect } from './bench';
import { DoWork, Double, Doubled, Happened, Noted } from './contracts';

class Job {
  static readonly route = work('tests.job', { bundled: true });

  @IsString()
  what!: string;
}

class Done {
  static readonly route = fanout('job-done');

  @IsString()
  what!: string;
}

let isRefusing = true;
const traces: string[] = [];

@Injectable()
class Handlers {
  constructor(
    private readonly db: Db,
    private readonly messages: Messages,
  ) {}

  @OnFanout(Happened)
  async hear({ what }: Happened, message: Message): Promise<void> {
    trace.getActiveSpan()?.setAttribute('heard', what);
    await this.db.transaction(async (tx) => {
      if (!(await once(tx, message))) return;
      await tx.query(insertEffect, [what]);
      await send(tx, DoWork, { what });
    });
  }

  @OnWork(DoWork, { retry: ['1s'] })
  async handle({ what }: DoWork, message: Message): Promise<void> {
    traces.push(currentTrace()?.spanId ?? '');
    if (what === 'later' && message.attempt === 1) throw new TypeError('not yet');
    if (what === 'never' && isRefusing) throw new Rejected('not_today', 'the bank is closed');
    if (what === 'four') await this.messages.ask(Double, { value: 2 });
    if (what === 'minus') await this.messages.ask(Double, { value: -1 });
    await Promise.resolve();
  }

  @OnWork(Job, { batch: { size: 10, restMs: 200 } })
  async work(batch: Received<Job>[]): Promise<void> {
    if (batch.length > 1 && batch.some(({ body }) => body.what === 'bad'))
      throw new Error('one of them');
    const done = batch.map(({ body, message }) => ({
      body: { what: body.what },
      because: message,
    }));
    await this.db.transaction((tx) => sendEach(tx, Done, done));
  }

  @OnTopic(Noted, { queue: 'tests.notes', key: 'note.*' })
  async note(): Promise<void> {
    return Promise.resolve();
  }

  @OnRpc(Double)
  async double({ value }: Double): Promise<Doubled> {
    if (value < 0) throw new Rejected('negative', 'less than nothing');
    return Promise.resolve({ value: value * 2 });
  }
}

const tracer = trace.getTracer('the test');

describe('traces', () => {
  let bench: Bench;

  beforeEach(async () => {
    bench = await Bench.open();
    isRefusing = true;
  });
  afterEach(async () => {
    await bench.close();
    forgetSpans();
  });

  const inSpan = async (name: string, work: () => Promise<unknown>): Promise<Span> =>
    tracer.startActiveSpan(name, async (span) => {
      await work();
      span.end();
      return span;
    });
  const order = async (contract: typeof DoWork | typeof Happened, what: string) =>
    inSpan('order', async () => bench.db.transaction((tx) => send(tx, contract, { what })));
  const treeWhen = async (root: Span | string, last: string): Promise<SeenSpan[]> =>
    eventually(() => {
      const spans = spansOf(root);
      expect(spans.map(({ name }) => name)).toContain(last);
      return spans;
    });
  const only = (spans: SeenSpan[], name: string): SeenSpan => {
    const found = spans.filter((span) => span.name === name);
    if (found[0] === undefined || found.length > 1)
      throw new Error(`${found.length} of ${name}\n${treeOf(spans)}`);
    return found[0];
  };
  const all = (spans: SeenSpan[], name: string) => spans.filter((span) => span.name === name);

  it('lead from a send through outbox, queue and handler to what the handler sends', async () => {
    await bench.start([Handlers]);
    const spans = await treeWhen(await order(Happened, 'now'), 'ack tests.do-work');
    expect(
      treeOf(await treeWhen(spans[0]?.traceId ?? '', 'consume tests.do-work')).split('\n'),
    ).toEqual([
      'tests  order',
      'tests  └─ send happened',
      'tests     └─ publish happened',
      'tests        └─ consume happened:tests.happened',
      'tests           ├─ send tests.do-work',
      'tests           │  └─ publish tests.do-work',
      'tests           │     └─ consume tests.do-work',
      'tests           │        └─ ack tests.do-work',
      'tests           └─ ack happened:tests.happened',
    ]);
  });

  it('have the kinds and attributes of the conventions', async () => {
    await bench.start([Handlers]);
    const spans = await treeWhen(await order(Happened, 'now'), 'consume tests.do-work');
    const sent = only(spans, 'send happened');
    const about = {
      'messaging.system': 'rabbitmq',
      'messaging.destination.name': 'happened',
      'messaging.message.id': expect.stringMatching(/^[\da-f-]{36}$/),
      'messaging.message.conversation_id': sent.attributes['messaging.message.id'],
      'messaging.message.body.size': Buffer.byteLength('{"what":"now"}'),
      'tradepost.contract': 'Happened',
    };
    const create = { 'messaging.operation.name': 'send', 'messaging.operation.type': 'create' };
    expect(sent).toMatchObject({ kind: 'producer', attributes: { ...about, ...create } });
    const publish = { 'messaging.operation.name': 'publish', 'messaging.operation.type': 'send' };
    expect(only(spans, 'publish happened')).toMatchObject({
      kind: 'producer',
      attributes: { ...about, ...publish },
    });
    const consume = {
      ...about,
      'messaging.destination.name': 'happened:tests.happened',
      'messaging.operation.name': 'consume',
      'messaging.operation.type': 'process',
      'tradepost.handler': 'Handlers.hear',
      'tradepost.attempt': 1,
      // The handler itself has added to it.
      heard: 'now',
    };
    expect(only(spans, 'consume happened:tests.happened')).toMatchObject({
      kind: 'consumer',
      attributes: consume,
    });
    const ack = { 'messaging.operation.name': 'ack', 'messaging.operation.type': 'settle' };
    expect(only(spans, 'ack happened:tests.happened')).toMatchObject({
      kind: 'client',
      attributes: ack,
    });
    const work = only(spans, 'publish tests.do-work').attributes;
    expect(work['messaging.rabbitmq.destination.routing_key']).toBe('tests.do-work');
    expect(traces).toContain(only(spans, 'consume tests.do-work').spanId);
  });

  it('go on when another process publishes what a dead one has left', async () => {
    const root = await order(Happened, 'left');
    await bench.db.query({ name: 'test-due', text: 'UPDATE outbox SET not_before = now()' });
    await bench.start([Handlers]);
    const spans = await treeWhen(root, 'consume happened:tests.happened');
    const sent = only(spans, 'send happened');
    expect(only(spans, 'publish happened').parentId).toBe(sent.spanId);
  });

  it('keep the messages of a batch apart, and link them to its one call', async () => {
    await bench.start([Handlers]);
    const roots = [1, 2, 3].map((n) => tracer.startSpan(`order ${n}`));
    const because = (span: Span) => {
      const { traceId, spanId } = span.spanContext();
      return { traceparent: `00-${traceId}-${spanId}-01` };
    };
    const jobs = roots.map((root, n) => ({ body: { what: `${n}` }, because: because(root) }));
    await bench.db.transaction((tx) => sendEach(tx, Job, jobs));

    const spans = await Promise.all(roots.map(async (root) => treeWhen(root, 'publish job-done')));
    for (const own of spans) {
      const names = own.map(({ name }) => name);
      expect(names).toEqual(
        expect.arrayContaining(['send tests.job', 'consume tests.job', 'ack tests.job']),
      );
      expect(only(own, 'consume tests.job').parentId).toBe(only(own, 'send tests.job').spanId);
      expect(only(own, 'send job-done').parentId).toBe(only(own, 'consume tests.job').spanId);
    }
    const sent = spans.map((own) => only(own, 'send tests.job').spanId);
    const bundle = endedSpans().find(({ name }) => name === 'publish tests.job');
    expect(bundle).toMatchObject({
      kind: 'client',
      attributes: { 'messaging.batch.message_count': 3 },
    });
    expect(bundle?.links.map(({ spanId }) => spanId)).toEqual(sent);
    const call = endedSpans().find(
      ({ attributes }) =>
        attributes['messaging.batch.message_count'] && attributes['tradepost.handler'],
    );
    expect(call).toMatchObject({
      name: 'consume tests.job',
      kind: 'consumer',
      parentId: undefined,
    });
    expect(call?.links.map(({ spanId }) => spanId)).toEqual(sent);
    for (const own of spans) {
      expect(only(own, 'consume tests.job').links).toMatchObject([{ spanId: call?.spanId }]);
    }
  });

  it('say which messages failed together, and link each to its try alone', async () => {
    await bench.start([Handlers]);
    const root = await inSpan('order', async () =>
      bench.db.transaction((tx) =>
        sendEach(tx, Job, [{ body: { what: 'good' } }, { body: { what: 'bad' } }]),
      ),
    );
    await eventually(() => expect(all(spansOf(root), 'publish job-done')).toHaveLength(2));
    const tries = all(await treeWhen(root, 'ack tests.job'), 'consume tests.job');
    const together = tries.filter(({ error }) => error === 'one of them');
    expect(together).toHaveLength(2);
    const linked = tries.filter(({ error }) => error === undefined).flatMap(({ links }) => links);
    expect(linked.map(({ spanId }) => spanId).sort()).toEqual(
      together.map(({ spanId }) => spanId).sort(),
    );
  });

  it('link a retry to the first try', async () => {
    await bench.start([Handlers]);
    const root = await order(DoWork, 'later');
    const spans = await treeWhen(root, 'ack tests.do-work');
    const [first, second] = all(spans, 'consume tests.do-work');
    expect(first).toMatchObject({ error: 'not yet', attributes: { 'error.type': 'type_error' } });
    expect(only(spans, 'retry tests.do-work')).toMatchObject({
      parentId: first?.spanId,
      kind: 'client',
      attributes: { 'tradepost.retry.tier': '1s', 'messaging.operation.name': 'retry' },
    });
    expect(second).toMatchObject({
      error: undefined,
      parentId: first?.parentId,
      attributes: { 'tradepost.attempt': 2 },
      links: [{ spanId: first?.spanId, attributes: { 'tradepost.link': 'its first try' } }],
    });
  });

  it('lead to a dead letter, and from its replay to the first try', async () => {
    const { app } = await bench.start([Handlers]);
    const root = await order(DoWork, 'never');
    const dead = only(
      await treeWhen(root, 'dead-letter tests.do-work'),
      'dead-letter tests.do-work',
    );
    await eventually(async () => expect(await bench.broker.depth('tests.do-work.dead')).toBe(1));
    isRefusing = false;
    app.get(Replays).begin({ queue: 'tests.do-work' }, { by: 'the test' });
    const spans = await treeWhen(root, 'ack tests.do-work');
    const [first, second] = all(spans, 'consume tests.do-work');
    expect(first).toMatchObject({ spanId: dead.parentId, error: 'the bank is closed' });
    expect(first?.attributes['error.type']).toBe('not_today');
    expect(second).toMatchObject({
      links: [{ spanId: first?.spanId }],
      attributes: { 'tradepost.replays': 1 },
    });
  });

  it('go into an rpc and back', async () => {
    await bench.start([Handlers]);
    const spans = await treeWhen(await order(DoWork, 'four'), 'ack tests.do-work');
    expect(treeOf(spans).split('\n').slice(3)).toEqual([
      'tests           └─ consume tests.do-work'.replace('   └', '└'),
      'tests           ├─ ask tests.double',
      'tests           │  └─ consume tests.double',
      'tests           │     └─ reply',
      'tests           └─ ack tests.do-work',
    ]);
    expect(only(spans, 'ask tests.double').kind).toBe('client');
    expect(only(spans, 'consume tests.double').kind).toBe('server');
    const refused = await treeWhen(await order(DoWork, 'minus'), 'dead-letter tests.do-work');
    expect(only(refused, 'ask tests.double')).toMatchObject({ error: 'less than nothing' });
    expect(only(refused, 'consume tests.double').attributes['error.type']).toBe('negative');
  });

  it('are none where the request was left out, and its messages say so to each other', async () => {
    await bench.start([Handlers]);
    const traceId = 'ab'.repeat(16);
    const traceparent = `00-${traceId}-${'cd'.repeat(8)}-00`;
    const heard = await bench.broker.listen(Happened);
    const said = { body: { what: 'unseen' }, because: { traceparent } };
    await bench.db.transaction((tx) => sendEach(tx, Happened, [said]));
    await eventually(async () => expect(await bench.effects()).toEqual(['unseen']));
    expect(heard.messages[0]?.headers.traceparent).toBe(traceparent);
    expect(spansOf(traceId)).toEqual([]);
  });

  it('have what is told in a flow, and nothing of what is told in none', async () => {
    const { messages } = await bench.start([Handlers]);
    await eventually(() => expect(messages.tell(Noted, 'note.none', { what: 'none' })).toBe(true));
    const root = await inSpan('order', async () =>
      Promise.resolve(messages.tell(Noted, 'note.one', { what: 'one' })),
    );
    const spans = await treeWhen(root, 'ack notes:note.*:tests.notes');
    expect(spans.map(({ name }) => name)).toContain('publish notes:note.one');
    expect(endedSpans().map(({ name }) => name)).not.toContain('publish notes:note.none');
    expect(all(endedSpans(), 'consume notes:note.*:tests.notes')).toHaveLength(1);
  });
});

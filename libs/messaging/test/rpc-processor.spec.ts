import type { Logger } from '@nestjs/common';
import { Rejected, type Received } from '@tradepost/messaging';
import { eventually } from '@tradepost/test-kit';
import type { Delivery } from '../src/consume/delivery';
import { currentTrace } from '../src/context';
import type { Handler } from '../src/handlers/handler';
import { Message } from '../src/message';
import { RpcProcessor } from '../src/rpc/rpc-processor';
import { Double } from './contracts';

/** What is done to a question, in its order. */
let ends: string[];
let logged: unknown[];
let invoked: unknown[][];
let flows: (string | undefined)[];

const log = { error: (_: unknown, fields: unknown) => logged.push(fields), debug: () => undefined };

function processor(answer: (...given: unknown[]) => unknown, options: Partial<Handler> = {}) {
  const handler: Handler = {
    name: 'Test.answer',
    kind: 'rpc',
    queue: 'tests.double',
    bindings: [],
    retry: [],
    contract: Double,
    invoke: async (...given: unknown[]) => {
      invoked.push(given);
      flows.push(currentTrace()?.correlationId);
      return Promise.resolve(answer(...given));
    },
    ...options,
  };
  return new RpcProcessor(handler, log as unknown as Logger, handler.batch ?? { size: 1 });
}

function question(content: unknown, properties: object = {}): Delivery {
  const raw = {
    fields: {},
    properties: { headers: {}, messageId: 'question', ...properties },
    content: Buffer.from(JSON.stringify(content)),
  };
  return {
    raw: raw as unknown as Delivery['raw'],
    ack: () => ends.push('ack'),
    requeue: () => ends.push('back'),
    reply: (answer, { headers } = {}) => {
      ends.push(`${answer.toString()}${headers ? ` ${JSON.stringify(headers)}` : ''}`);
    },
    // None of its own: what it asks of one goes through the three above.
    channel: {} as Delivery['channel'],
  };
}

const refusal = (code: string, message: string) =>
  `${JSON.stringify({ error: { code, message } })} {"x-error-code":"${code}"}`;
const internal = refusal('internal_error', 'the handler failed');

beforeEach(() => {
  ends = [];
  logged = [];
  invoked = [];
  flows = [];
});

describe('a question', () => {
  it.each([
    ['what its handler returns', { value: 4 }, '{"value":4}'],
    ['null, when that is nothing', undefined, 'null'],
    ['a refusal', new Rejected('unlucky', 'not this one'), refusal('unlucky', 'not this one')],
    ['that it failed, and no more', new Error('a secret'), internal],
    ['the same when no JSON can be made of it', { value: 4n }, internal],
  ])('is acked, and then answered with %s', async (_what, answer, written) => {
    const failing = processor(() => {
      if (answer instanceof Error) throw answer;
      return answer;
    });
    await failing.process(question({ value: 2 }));
    expect(ends).toEqual(['ack', written]);
    expect(logged).toHaveLength(written === internal ? 1 : 0);
  });

  it('goes to its handler with its message, or as it came where there is no contract', async () => {
    const asked = question({ value: 2 }, { messageId: undefined });
    await processor(() => 1).process(asked);
    await processor(() => 1, { contract: undefined }).process(asked);
    expect(invoked[0]).toEqual([{ value: 2 }, expect.any(Message)]);
    expect(invoked[0]?.[0]).toBeInstanceOf(Double);
    expect(invoked[1]).toEqual([{ value: 2 }, asked.raw]);
  });

  it('that is invalid is refused, and its handler not asked', async () => {
    await processor(() => 1).process(question({ value: 'two' }));
    expect(ends).toEqual(['ack', expect.stringContaining('{"x-error-code":"invalid_body"}')]);
    expect(invoked).toEqual([]);
  });

  it('that is late is acked and not answered, and its handler not asked', async () => {
    const due = (inMs: number) => ({ headers: { 'x-deadline': Date.now() + inMs } });
    const answering = processor(() => 1);
    await answering.process(question({ value: 1 }, due(-1)));
    expect([ends.splice(0), invoked]).toEqual([['ack'], []]);
    await answering.process(question({ value: 2 }, due(60_000)));
    expect(ends).toEqual(['ack', '1']);
  });

  it('is held from when its handler is asked, not while it waits for that', async () => {
    let end = (): void => undefined;
    const ended = new Promise<void>((resolve) => (end = resolve));
    const answering = processor(async () => ended);
    const [first, second] = [question({ value: 1 }), question({ value: 2 })];
    const both = [first, second].map(async (one) => {
      one.heldSince = 0;
      await answering.process(one);
    });
    await eventually(() => expect(invoked).toHaveLength(1));
    expect(first.heldSince).toBeGreaterThan(0);
    expect(second.heldSince).toBeUndefined();
    end();
    await Promise.all(both);
    expect(second.heldSince).toBeGreaterThan(0);
  });
});

describe('questions of one call', () => {
  const batch = { size: 10 };
  const values = (questions: unknown) =>
    (questions as Received<Double>[]).map(({ body }) => body.value);
  const ask = async (answering: RpcProcessor, ...asked: number[]) =>
    Promise.all(
      asked.map(async (value) =>
        answering.process(question({ value }, { messageId: `question ${value}` })),
      ),
    );

  it('are answered one by one, in their order', async () => {
    const refused = new Rejected('unlucky');
    const answers = [{ value: 2 }, refused, new Error('a secret')];
    await ask(
      processor((asked) => values(asked).map((_, index) => answers[index]), { batch }),
      ...[1, 2, 3],
    );
    const unlucky = expect.stringContaining('{"x-error-code":"unlucky"}') as string;
    expect(ends).toEqual(['ack', '{"value":2}', 'ack', unlucky, 'ack', internal]);
    expect(logged).toMatchObject([{ messageId: 'question 3', error: 'Error: a secret' }]);
  });

  it.each([
    ['too few answers', () => [1]],
    ['too many', () => [1, 2, 3]],
    ['no list', () => ({ length: 2 })],
    ['nothing', () => undefined],
  ])('all fail, with one line, where their handler returns %s', async (_what, answer) => {
    await ask(processor(answer, { batch }), 1, 2);
    expect(ends).toEqual(['ack', internal, 'ack', internal]);
    expect(logged).toHaveLength(1);
  });

  it('are of no one’s flow; one alone is of its own', async () => {
    const answering = processor((asked) => values(asked), { batch });
    await ask(answering, 1, 2);
    await ask(answering, 3);
    await ask(
      processor(() => 1),
      4,
    );
    expect(flows).toEqual([undefined, 'question 3', 'question 4']);
  });
});

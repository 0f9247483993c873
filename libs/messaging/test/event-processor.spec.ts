import type { Logger } from '@nestjs/common';
import type { Received } from '@tradepost/messaging';
import { eventually } from '@tradepost/test-kit';
import type { Delivery } from '../src/consume/delivery';
import { EventProcessor } from '../src/consume/event-processor';
import { Failures } from '../src/consume/failures';
import type { Handler } from '../src/handlers/handler';
import type { Publisher } from '../src/publish/publisher';

/** Nothing fails for good here. */
const nowhere = {} as Publisher;
const log = {} as Logger;

function message(what: string): Delivery {
  const raw = { fields: {}, properties: { messageId: what }, content: Buffer.from('{}') };
  return {
    raw: raw as unknown as Delivery['raw'],
    heldSince: 0,
    ack: () => undefined,
    requeue: () => undefined,
    reply: () => undefined,
    channel: {} as Delivery['channel'],
  };
}

describe('a message', () => {
  /** The ids of each call, which goes on when it is told to. */
  const calls: { ids: string[]; end: (error?: Error) => void }[] = [];

  beforeEach(() => calls.splice(0));

  const invoke = async (batch: unknown) =>
    new Promise<void>((resolve, reject) => {
      const ids = (batch as Received<object>[]).map(({ message: { id } }) => id);
      calls.push({ ids, end: (error) => (error ? reject(error) : resolve()) });
    });
  const called = async (...expected: string[][]) =>
    eventually(() => expect(calls.map(({ ids }) => ids)).toEqual(expected));

  it('is held while its handler has it, not while it waits for its turn', async () => {
    const batch = { size: 9 };
    const handler: Handler = {
      name: 'Test.handle',
      kind: 'work',
      queue: 'tests.held',
      bindings: [],
      retry: [],
      batch,
      invoke,
    };
    const processor = new EventProcessor(handler, new Failures(handler, nowhere, log), batch);
    const some = Array.from({ length: 10 }, (_, index) => message(`${index}`));
    const [first, ...others] = some;
    const heldSince = () => others.map((one) => one.heldSince);
    const all = some.map(async (one) => processor.process(one));
    const ids = others.map(({ raw }) => String(raw.properties.messageId));
    await called(['0', ...ids.slice(0, 8)]);
    expect(first?.heldSince).toBeGreaterThan(0);
    expect(heldSince().at(-1)).toBeUndefined();
    calls[0]?.end(new Error('one of them'));
    // Each is tried alone, eight at a time: the ninth waits.
    await eventually(() => expect(calls).toHaveLength(9));
    expect(heldSince().slice(7)).toEqual([undefined, undefined]);
    for (let done = 1; done < 11; done += 1) {
      await eventually(() => expect(calls.length).toBeGreaterThan(done));
      calls[done]?.end();
    }
    await Promise.all(all);
    expect(Math.min(...heldSince().map(Number))).toBeGreaterThan(0);
  });
});

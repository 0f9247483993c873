import { Injectable } from '@nestjs/common';
import { DeadLetters, OnWork, type Message } from '@tradepost/messaging';
import { eventually } from '@tradepost/test-kit';
import { Bench } from './bench';
import { DoWork } from './contracts';
import { headersIn, long, RawClient, rawProperties, short, table } from './raw-message';

const tries: number[] = [];
let isBroken = true;

@Injectable()
class Worker {
  @OnWork(DoWork, { retry: ['1s'] })
  async handle(_: DoWork, { attempt }: Message): Promise<void> {
    tries.push(attempt);
    if (isBroken) throw new Error('💥'.repeat(1_000));
    return Promise.resolve();
  }
}

const queue = 'tests.do-work';
const dead = `${queue}.dead`;
/** What RabbitMQ takes at most in the frame with the head, without what comes before the headers. */
const frameMax = 131_072 - 8 - 12;

type Entry = [name: string, type: string, value: Buffer];

describe('a message with large headers that fails', () => {
  let bench: Bench;
  let raw: RawClient;

  beforeEach(async () => {
    isBroken = true;
    tries.splice(0);
    bench = await Bench.open();
    await bench.start([Worker]);
    raw = await RawClient.open(bench.broker.amqpUrl);
  });
  afterEach(async () => {
    await raw.close();
    await bench.close();
  });

  const use = <T>(run: (deadLetters: DeadLetters) => Promise<T>) => {
    const options = { amqpUrl: bench.broker.amqpUrl, queues: [queue], by: 'test', waitMs: 10_000 };
    return DeadLetters.use({ ...options, contractOf: () => undefined }, run);
  };
  const content = Buffer.from('{"what":"a"}');
  const propertiesWith = (...entries: Entry[]) =>
    rawProperties({ messageId: short('a'), type: short('DoWork'), headers: table(...entries) });
  const text = (name: string, length: number): Entry => [name, 'S', long('p'.repeat(length))];
  /** As much of it as there is room for beside the others. */
  const filler = (name: string, ...others: Entry[]): Entry => {
    const { length } = propertiesWith(...others, text(name, 0));
    return text(name, frameMax - length);
  };

  /** Fails, is dead-lettered, replayed, put back, replayed again. @returns the dead letter */
  const expectTheWay = async (properties: Buffer) => {
    await raw.send(queue, properties, content);
    await eventually(async () => expect(await bench.broker.depth(dead)).toBe(1), {
      withinMs: 20_000,
    });
    expect(tries).toEqual([1, 2]);
    const [shown] = await use((deadLetters) => deadLetters.show('a'));
    expect(shown).toMatchObject({ errorCode: 'error', handler: 'Worker.handle', attempts: 2 });
    expect(shown?.headersDropped).toBe(shown?.headers['x-headers-dropped']);
    const { operation, stayed } = await use((deadLetters) => deadLetters.replay({}));
    expect(stayed).toEqual([]);
    await eventually(async () => expect(await bench.broker.depth(dead)).toBe(1), {
      withinMs: 20_000,
    });
    expect(tries).toEqual([1, 2, 1, 2]);
    await use((deadLetters) => deadLetters.discard({}));
    await use((deadLetters) => deadLetters.undo(operation));
    const found = await raw.take(dead);
    if (found === undefined) throw new Error('it was not put back');
    return headersIn(found.properties);
  };

  it('keeps 70,000 bytes of them through retry, dead letter, replay and undo', async () => {
    const sent = propertiesWith(text('x-stack', 70_000), text('tenant', 5));
    const headers = await expectTheWay(sent);
    expect(headers).toMatchObject(headersIn(sent));
    expect(headers).not.toHaveProperty('x-headers-dropped');
  });

  it('leaves the largest out, and says so, where a frame has no room for more', async () => {
    const small = [text('tenant', 5), text('x-other', 3_000)];
    const sent = propertiesWith(...small, filler('x-stack', ...small));
    const headers = await expectTheWay(sent);
    const { 'x-stack': _, ...rest } = headersIn(sent);
    expect(headers).toMatchObject(rest);
    expect(headers).not.toHaveProperty('x-stack');
    const note = Buffer.from(headers['x-headers-dropped'] ?? '', 'hex').toString();
    expect(note).toMatch(/x-stack \(12\d{4} bytes\)$/);
  });

  it('leaves out as many of thousands as needed', async () => {
    const many = Array.from({ length: 4_000 }, (_, i) => text(`x-${i}`, 20));
    const headers = await expectTheWay(propertiesWith(...many, filler('z', ...many)));
    expect(Object.keys(headers).length).toBeGreaterThan(3_000);
    expect(headers).toHaveProperty('x-headers-dropped');
  });

  it('that the broker added to in the dead-letter queue can be replayed', async () => {
    isBroken = false;
    await raw.send(dead, propertiesWith(filler('x-stack')), content);
    for (let scan = 0; scan < 3; scan += 1) {
      expect(await use((deadLetters) => deadLetters.list())).toMatchObject([{ count: 1 }]);
    }
    expect(await use((deadLetters) => deadLetters.replay({}))).toMatchObject({ done: 1 });
    await eventually(() => expect(tries).toEqual([1]));
  });
});

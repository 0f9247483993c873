import { Injectable } from '@nestjs/common';
import { OnTopic, Rejected } from '@tradepost/messaging';
import { eventually } from '@tradepost/test-kit';
import { queueTopology, type Wiring } from '../src/handlers/handler';
import { wiringsOf } from '../src/handlers/wiring';
import { planTopology } from '../src/topology/check-topology';
import { merge } from '../src/topology/topology';
import { advise } from '../src/topology/lint';
import { Bench } from './bench';
import { Noted } from './contracts';

const queue = 'newest-notes';
const heard: string[] = [];
let release: () => void = () => undefined;
const released = new Promise<void>((resolve) => (release = resolve));

@Injectable()
class Newest {
  @OnTopic(Noted, { queue, key: '#', prefetch: 1, keepNewest: { messages: 3, bytes: 1_000_000 } })
  async handle({ what }: Noted): Promise<void> {
    await released;
    if (what === 'refused') throw new Rejected('refused', 'not this one');
    heard.push(what);
  }
}

class NewestModule {}
Reflect.defineMetadata('providers', [Newest], NewestModule);

describe('a topic queue that keeps the newest', () => {
  let bench: Bench;
  let wirings: Wiring[];

  beforeAll(async () => {
    bench = await Bench.open();
    wirings = wiringsOf(NewestModule, 'tests');
  });
  afterAll(() => bench.close());

  it('drops the oldest beyond its bound, refuses nobody, and dead-letters what is refused', async () => {
    await bench.start([Newest]);
    const tell = async (what: string) => bench.broker.publish(Noted, { what }, { key: 'note' });
    await tell('held');
    // It is handed out, so that it is none of those that wait.
    await eventually(async () => expect(await bench.broker.depth(queue)).toBe(0));
    for (let n = 0; n < 10; n += 1) await tell(`note ${n}`);
    await tell('refused');
    await eventually(async () => expect(await bench.broker.depth(queue)).toBe(3));
    expect(await bench.broker.deadLetters(queue)).toEqual([]);
    release();
    await eventually(async () => {
      expect(heard).toEqual(['held', 'note 8', 'note 9']);
      expect(await bench.broker.deadLetters(queue)).toHaveLength(1);
    });
  });

  it('is as its topology says, and says so when asked for advice', async () => {
    const topology = merge(wirings.map((one) => queueTopology(one)));
    const { differences } = await planTopology(topology, { amqpUrl: bench.broker.amqpUrl });
    expect(differences).toEqual([]);
    const other = wirings.map((one) => ({ ...one, keepNewest: { messages: 4, bytes: 1_000_000 } }));
    const changed = await planTopology(merge(other.map((one) => queueTopology(one))), {
      amqpUrl: bench.broker.amqpUrl,
    });
    expect(changed.differences).toMatchObject([
      { kind: 'different', name: queue, remedy: 'replace' },
    ]);

    const facts = {
      ...{ version: '3.13.7', flags: [], deprecated: [], inUse: [], globalPrefetches: 0 },
      found: { exchanges: [], queues: [], bindings: [] },
    };
    const advice = advise(facts, { topology, wirings, contracts: [Noted] });
    expect(advice.map(({ level, code }) => `${level} ${code}`)).toEqual([
      'note version',
      'note keeps-newest',
    ]);
  });
});

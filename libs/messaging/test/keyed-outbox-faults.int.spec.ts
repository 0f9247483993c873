import { eventually } from '@tradepost/test-kit';
import fc from 'fast-check';
import { Bench } from './bench';
import { allDue, allSteps, LineMoved, LineSender, makeLines, route } from './line-senders';
import { move, stepsOf, unroute } from './line-senders';

const lines = ['a', 'b', 'c'];
const processes = ['one', 'two'] as const;
const line = fc.constantFrom(...lines);
const process = fc.constantFrom(...processes);

/** What happens, one after another, but that nothing waits for what was sent before. */
const happening = fc.oneof(
  { weight: 6, arbitrary: fc.record({ what: fc.constant('moves' as const), process, line }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('diesAfter' as const), line }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('cut' as const), process }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('unroute' as const), line }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('route' as const), line }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('due' as const) }) },
);

describe('messages with a key, whatever happens', () => {
  let bench: Bench;
  let senders: Record<(typeof processes)[number], LineSender>;

  beforeEach(async () => {
    bench = await Bench.open();
    await makeLines(bench);
    const [one, two] = [await LineSender.open(bench, 'one'), await LineSender.open(bench, 'two')];
    senders = { one, two };
  });
  afterEach(async () => {
    await Promise.all(Object.values(senders).map((sender) => sender.stop()));
    await bench.close();
  });

  it('arrive in the order sent when processes and links to the broker are lost', async () => {
    await route(bench, ...lines);
    const { messages } = await bench.broker.takeFrom<LineMoved>('lines');
    const { one, two } = senders;
    const killed = await LineSender.open(bench, 'killed');
    const moves = async (sender: LineSender, times: number) => {
      for (let n = 0; n < times; n += 1) await sender.move(lines[n % lines.length] as string);
    };
    const moving = [one, one, two, two].map((sender) => moves(sender, 60));
    for (let n = 0; n < 4; n += 1) {
      const before = messages.length;
      await moves(killed, 6);
      await eventually(() => expect(messages.length).toBeGreaterThan(before + 10));
      (n % 2 === 0 ? one : two).tap.cut();
    }
    // Its last ones are left to the others.
    killed.tap.sever();
    await moves(killed, 6);
    await killed.kill(bench, 'killed');
    await Promise.all(moving);
    await eventually(async () => expect(await bench.outboxDepth()).toBe(0), { withinMs: 30_000 });
    await eventually(async () => expect(stepsOf(messages)).toEqual(await allSteps(bench)));
  });

  it('arrive in the order sent, each key by itself', async () => {
    const { messages } = await bench.broker.takeFrom<LineMoved>('lines');
    await fc.assert(
      fc.asyncProperty(fc.array(happening, { minLength: 5, maxLength: 40 }), async (all) => {
        await route(bench, ...lines);
        for (const one of all) {
          if (one.what === 'moves') await senders[one.process].move(one.line);
          // Nobody publishes it but those who find it.
          else if (one.what === 'diesAfter') await move(bench.db, one.line);
          else if (one.what === 'cut') senders[one.process].tap.cut();
          else if (one.what === 'unroute') await unroute(bench, one.line);
          else if (one.what === 'route') await route(bench, one.line);
          else await allDue(bench);
        }
        await route(bench, ...lines);
        await eventually(
          async () => {
            await allDue(bench);
            expect(await bench.outboxDepth()).toBe(0);
          },
          { withinMs: 30_000 },
        );
        await eventually(async () => expect(stepsOf(messages)).toEqual(await allSteps(bench)));
      }),
      { numRuns: 25, endOnFailure: true },
    );
  }, 180_000);
});

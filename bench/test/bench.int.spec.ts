import { figureAt } from '../harness/summarise';
import type { Figures } from '../harness/work';
import { problemsOf, runBench } from './run-bench';

// bench-shops.int.spec.ts runs the works that start more shops.
const names = ['sale', 'messages', 'rpc', 'logs'];

jest.setTimeout(260_000);

it('sells, sends, asks and logs in every system, each effect once, and writes the results', async () => {
  const { works, ...about } = await runBench(names);

  expect(Object.keys(works)).toEqual(names);
  expect(names.flatMap((name) => problemsOf(name, works[name]))).toEqual([]);
  expect(about).toEqual({
    machine: expect.objectContaining({ cores: expect.any(Number), memoryGiB: expect.any(Number) }),
    versions: expect.objectContaining({
      node: process.version,
      postgresql: expect.stringMatching(/^\d/),
    }),
  });
  expect(works.sale?.command).toMatch(/^npm run bench -- --smoke --work sale/);
  const { tradepost, stock, ratio } = works.sale as unknown as Record<string, Figures>;
  for (const path of [
    'completedPerSecond',
    'acceptedPerSecond',
    'statements',
    'messages',
    'post.p99Ms',
  ]) {
    const [ours, theirs] = [figureAt(tradepost, path) ?? NaN, figureAt(stock, path) ?? NaN];
    expect(ours).toBeGreaterThan(0);
    expect(figureAt(ratio, path)).toBeCloseTo(ours / theirs, 1);
  }
});

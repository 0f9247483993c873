import { problemsOf, runBench } from './run-bench';

const names = ['start', 'backlog', 'workers', 'history', 'telemetry', 'security', 'order'];

jest.setTimeout(260_000);

it('starts, drains what waited, sells beside a history with traces and guarded, and writes the results', async () => {
  const { works } = await runBench(names);

  expect(Object.keys(works)).toEqual(names);
  expect(names.flatMap((name) => problemsOf(name, works[name]))).toEqual([]);
});

import { mkdir, rm, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { stopOnSignals } from '../dev/start/signals';
import { durationMs, readArguments, Usage, wholeNumber } from '../ops/shop/arguments';
import { runCommand } from '../ops/shop/run-command';
import { withServers } from './harness/servers';
import { figureOf } from './scale/figure';
import { headOf, lineOf, problemsOf, summaryOf } from './scale/report';
import { scaleShop } from './scale/run';

const scratch = '.tradepost/scale';
/** Times --target: what may wait for a service, however many replicas it may have. */
const depthFactor = 8;

const usage = `Usage: npm run scale [-- options]
A shop whose replicas come and go with the depth of their queues, as KEDA has it, under a load that
rises and falls: docs/SCALING.md. Exit code 1 when a sale is lost or an effect there twice, or when
more waits than --depth.
  --from N       replicas of each service, at the least; 1 unless given
  --to N         and at the most; 4 unless given
  --target N     a replica for so many messages that are ready or held; 20 unless given
  --peak N       sales a second; 120 unless given
  --for TIME     of the load; 120s unless given
  --calm TIME    so long fewer replicas would do, before one stops; 15s unless given
  --settle TIME  so long after the load all is sold and the replicas that came are gone, or it
                 ends with an error; 10m unless given
  --depth N      messages of a service that may wait; ${depthFactor} times --target unless given
  --figure FILE  draws an SVG
Example: npm run scale -- --from 1 --to 4 --figure docs/images/scaling.svg`;

/** @returns the exit code */
async function main(): Promise<number> {
  const options = readOptions();
  const abort = new AbortController();
  stopOnSignals((why) => abort.abort(new Error(`stopped: ${why}`)));
  const { signal } = abort;
  const folder = resolve(scratch, String(process.pid));
  const log = console.log;
  await mkdir(folder, { recursive: true });
  try {
    return await withServers(
      { dataFolder: resolve(folder, 'data'), signal, log },
      async (servers) => {
        const setting = { servers, scale: 'full', folder, log, signal } as const;
        for (const line of headOf(options)) log(line);
        const scaling = await scaleShop(setting, options, (sample) => {
          const line = lineOf(sample);
          if (line !== undefined) log(line);
        });
        log(summaryOf(scaling));
        if (options.figure !== undefined)
          await writeFile(options.figure, figureOf(scaling.samples));
        const problems = problemsOf(scaling, options);
        for (const problem of problems) log(problem);
        return problems.length === 0 ? 0 : 1;
      },
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function readOptions() {
  const { values } = readArguments({
    options: {
      from: { type: 'string', default: '1' },
      to: { type: 'string', default: '4' },
      target: { type: 'string', default: '20' },
      peak: { type: 'string', default: '120' },
      for: { type: 'string', default: '120s' },
      calm: { type: 'string', default: '15s' },
      settle: { type: 'string', default: '10m' },
      depth: { type: 'string' },
      figure: { type: 'string' },
    },
  });
  const from = wholeNumber('from', values.from, { min: 1, max: 9 });
  const to = wholeNumber('to', values.to, { min: 1, max: 9 });
  if (from > to) throw new Usage(`--from ${from} is more than --to ${to}`);
  const target = wholeNumber('target', values.target, { min: 1 });
  const time = (name: 'for' | 'calm' | 'settle') =>
    durationMs(name, values[name], { minMs: 1_000, maxMs: 3_600_000 });
  return {
    from,
    to,
    target,
    peak: wholeNumber('peak', values.peak, { min: 1, max: 1_000 }),
    seconds: time('for') / 1_000,
    calmMs: time('calm'),
    settleMs: time('settle'),
    depthMax:
      values.depth === undefined ? depthFactor * target : wholeNumber('depth', values.depth),
    figure: values.figure,
  };
}

runCommand(usage, main);

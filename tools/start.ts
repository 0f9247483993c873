// `npm start [-- --fresh]`: broker, database and the five services on this machine, until Ctrl-C.
import { parseArgs } from 'node:util';
import { begin, elapsed } from './start-clock';
import { say } from './start-lines';
import { assertFree, readPorts } from './start-ports';
import { LocalShop } from './start-shop';
import { claimState, removeState } from './start-state';

/** From the first signal; a second one, later than this, does not wait at all. */
const repeatMs = 1_000;
const stopMs = 9_500;

async function main(): Promise<void> {
  begin();
  const { values } = parseArgs({ options: { fresh: { type: 'boolean', default: false } } });
  const ports = readPorts(process.env);
  await claimState();
  const shop = new LocalShop(ports);
  process.on('exit', () => shop.killNow());
  stopOnSignals(shop);
  try {
    await assertFree(ports);
    await shop.open({ fresh: values.fresh });
    const reason = await shop.closing;
    say(`${reason}: stopping (once more to stop at once)`);
    if (shop.failure) throw shop.failure;
  } finally {
    await shop.close();
    await removeState();
  }
}

function stopOnSignals(shop: LocalShop): void {
  let firstMs: number | undefined;
  const stop = (why: string) => {
    const nowMs = performance.now();
    // npm and the terminal may both send the same one: only a later one is impatience.
    if (firstMs !== undefined && nowMs - firstMs > repeatMs) process.exit(130);
    if (firstMs !== undefined) return;
    firstMs = nowMs;
    shop.askToClose(why);
    setTimeout(() => process.exit(1), stopMs).unref();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  // Whoever read our lines is gone.
  process.stdout.on('error', () => stop('no reader'));
}

main().then(
  () => say(`Stopped after ${elapsed()}.`),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  },
);

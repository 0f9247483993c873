// `npm start [-- --fresh] [--gateway http]`: broker, database, services and console, until Ctrl-C;
// with `--gateway http` the payment gateway is a process of its own beside them. `npm run dev` is
// the same with `--watch`.
import { parseArgs } from 'node:util';
import { gateway, services, window, type AppName } from '../apps/services';
import { runCommand } from '../ops/shop/run-command';
import { say } from './start/lines';
import { assertFree, readPorts } from './start/ports';
import { LocalShop } from './start/shop';
import { stopOnSignals } from './start/signals';
import { claimState, removeState } from './start/state';
import { elapsed } from './time';

const options = {
  fresh: { type: 'boolean', default: false },
  gateway: { type: 'string', default: 'process' },
  watch: { type: 'boolean', default: false },
  inspect: { type: 'string', multiple: true },
} as const;

async function main(): Promise<void> {
  const { values } = parseArgs({ options });
  const apps = appsWith(values.gateway);
  const ports = readPorts(process.env, apps);
  await claimState();
  const shop = new LocalShop({ apps, ports, inspect: namesIn(values.inspect ?? [], apps) });
  process.on('exit', () => shop.killNow());
  stopOnSignals((why) => shop.askToClose(why));
  try {
    await assertFree(ports, apps);
    await shop.open({ fresh: values.fresh });
    if (values.watch) await shop.watch();
    const reason = await shop.closing;
    say(`${reason}: stopping (once more to stop at once)`);
    if (shop.failure) throw shop.failure;
  } finally {
    await shop.close();
    await removeState();
  }
  say(`Stopped after ${elapsed()}.`);
}

function appsWith(kind: string): readonly AppName[] {
  if (kind === 'http') return [gateway, ...services, window];
  if (kind === 'process') return [...services, window];
  throw new Error(`--gateway is "${kind}"; it is process (the default) or http`);
}

function namesIn(given: readonly string[], running: readonly AppName[]): AppName[] {
  return given.map((name) => {
    const app = running.find((one) => one === name);
    if (app) return app;
    throw new Error(`--inspect wants one of ${running.join(', ')}, not "${name}"`);
  });
}

runCommand(main);

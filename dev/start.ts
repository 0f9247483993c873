import { gateway, services, window, type AppName } from '../apps/services';
import { readArguments, Usage } from '../ops/shop/arguments';
import { runCommand } from '../ops/shop/run-command';
import { say } from './start/lines';
import { assertFree, readPorts } from './start/ports';
import { LocalShop } from './start/shop';
import { stopOnSignals } from './start/signals';
import { claimState, removeState } from './start/state';
import { elapsed } from './time';

const usage = `Usage: npm start [-- options]
       npm run dev [-- options]
Broker, database, services and console, until Ctrl-C. \`npm run dev\` is \`npm start -- --watch\`.
  --watch            a changed source takes effect in its service alone; types are checked beside
  --inspect SERVICE  a debugger may come to it; once for each service
  --gateway KIND     process: the payment gateway is in payments, as usual;
                     http: it is a server of its own
  --fresh            without the data of earlier starts
Example: npm run dev -- --inspect orders`;

const options = {
  fresh: { type: 'boolean', default: false },
  gateway: { type: 'string', default: 'process' },
  watch: { type: 'boolean', default: false },
  inspect: { type: 'string', multiple: true },
} as const;

async function main(): Promise<void> {
  const { values } = readArguments({ options });
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
  throw new Usage(`--gateway is "${kind}"; it is process (the default) or http`);
}

function namesIn(given: readonly string[], running: readonly AppName[]): AppName[] {
  return given.map((name) => {
    const app = running.find((one) => one === name);
    if (app) return app;
    throw new Usage(`--inspect wants one of ${running.join(', ')}, not "${name}"`);
  });
}

runCommand(usage, main);

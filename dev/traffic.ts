// `npm run traffic -- --rate 50 --for 60s`: a shop's day in small. docs/OPERATIONS.md.
import { tokenSourceOf } from '@tradepost/service';
import { Unreachable } from '../ops/audit/client';
import { runCommand } from '../ops/shop/run-command';
import { readState } from '../ops/shop/state';
import { stopOnSignals } from './start/signals';
import { commandOf, usage, type TrafficCommand } from './traffic/command';
import { lines, reportOf, stepLine } from './traffic/print';
import { Progress } from './traffic/progress';
import { productsOf, type Product } from './traffic/purchases';
import { Traffic } from './traffic/traffic';

const exitCodes = { ended: 0, late: 1, noShop: 2 };

/** There is nothing to buy at. */
class NoShop extends Error {}

async function main(): Promise<number> {
  const command = commandOf(process.argv.slice(2));
  const interrupt = new AbortController();
  stopOnSignals((why) => interrupt.abort(new Error(why)));
  try {
    return await buyAt(command.ordersUrl ?? (await runningShop()), command, interrupt.signal);
  } catch (error) {
    if (!(error instanceof NoShop)) throw error;
    console.error(error.message);
    return exitCodes.noShop;
  }
}

async function buyAt(
  ordersUrl: string,
  command: TrafficCommand,
  signal: AbortSignal,
): Promise<number> {
  const products = await assortmentOf(ordersUrl);
  const { rate, forMs, json, seed } = command;
  const traffic = new Traffic({
    ...command,
    ordersUrl,
    products,
    token: tokenSourceOf(process.env, (await readState())?.credentials),
    signal,
    onStep: (step) => (json ? undefined : progress.print(stepLine(step))),
  });
  const progress = new Progress(traffic, forMs);
  if (!json) progress.start();
  await traffic.run().finally(() => progress.stop());
  const report = reportOf(traffic, seed, rate);
  console.log(json ? JSON.stringify(report, null, 2) : lines(report, traffic).join('\n'));
  return report.late > 0 ? exitCodes.late : exitCodes.ended;
}

async function runningShop(): Promise<string> {
  const url = (await readState())?.services?.orders?.url;
  if (url !== undefined) return url;
  throw new NoShop('No shop runs here: begin with `npm start`, or say --orders URL');
}

async function assortmentOf(ordersUrl: string): Promise<Product[]> {
  try {
    const products = await productsOf(ordersUrl);
    if (products.length > 0) return products;
  } catch (error) {
    if (error instanceof Unreachable) throw new NoShop(`No shop answers: ${error.message}`);
    throw error;
  }
  throw new NoShop(`The shop at ${ordersUrl} has no products`);
}

runCommand(usage, main);

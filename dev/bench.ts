import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { read } from '../ops/audit/client';
import { runCommand } from '../ops/shop/run-command';
import { readState, type State } from '../ops/shop/state';
import { eventually } from './time';

/**
 * How many orders a second the running system completes, from POST to `completed`, all four
 * patterns and every database write included. `npm run bench -- --orders 2000 --concurrency 32`,
 * beside a running `npm start`.
 */

interface OrderDetails {
  createdAt: string;
  timeline: { state: string; at: string }[];
}

/** When an order was placed and when it was completed, epoch milliseconds. */
type Span = [placed: number, completed: number];

async function main(): Promise<void> {
  const { orders, concurrency } = options();
  const services = (await readState())?.services;
  if (!services) throw new Error('nothing runs here: begin with `npm start`, in another terminal');
  const base = services.orders.url;

  const startedMs = performance.now();
  const ids = await each(Array<null>(orders).fill(null), concurrency, () => place(base));
  const acceptedMs = performance.now() - startedMs;
  await settled(base);
  report(await each(ids, concurrency, (id) => spanOf(base, id)), acceptedMs);
  await reportMemory(services);
}

function options(): { orders: number; concurrency: number } {
  const { values } = parseArgs({
    options: {
      orders: { type: 'string', default: '2000' },
      concurrency: { type: 'string', default: '32' },
    },
  });
  const orders = Number(values.orders);
  const concurrency = Number(values.concurrency);
  if ([orders, concurrency].every((one) => Number.isInteger(one) && one > 0)) {
    return { orders, concurrency };
  }
  throw new Error('--orders and --concurrency want whole numbers above 0');
}

/** Does `work` with each item, `max` at a time. */
async function each<T, R>(items: T[], max: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const waiting = items.values();
  const worker = async () => {
    for (const item of waiting) results.push(await work(item));
  };
  await Promise.all(Array.from({ length: max }, worker));
  return results;
}

async function place(base: string): Promise<string> {
  const response = await fetch(`${base}/v1/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      customerId: '1',
      currency: 'USD',
      items: [{ sku: 'MUG-BLUE', quantity: 1 }],
    }),
  });
  if (response.status !== 201) throw new Error(`POST: ${response.status} ${await response.text()}`);
  return ((await response.json()) as { id: string }).id;
}

async function settled(base: string): Promise<void> {
  const states = ['pending', 'awaiting_payment', 'paid'];
  const noneIsOpen = async () => {
    for (const state of states) {
      const url = `${base}/v1/orders?status=${state}&limit=1`;
      const { items } = await read<{ items: unknown[] }>(url);
      if (items.length > 0) throw new Error(`orders are still ${state}`);
    }
  };
  await eventually(noneIsOpen, { withinMs: 120_000, everyMs: 50 });
}

async function spanOf(base: string, id: string): Promise<Span> {
  const { createdAt, timeline } = await read<OrderDetails>(`${base}/v1/orders/${id}`);
  const last = timeline.at(-1);
  if (last?.state !== 'completed') throw new Error(`order ${id} ended ${last?.state}`);
  return [Date.parse(createdAt), Date.parse(last.at)];
}

function report(took: Span[], acceptedMs: number): void {
  const first = Math.min(...took.map(([placed]) => placed));
  const last = Math.max(...took.map(([, completed]) => completed));
  const latencies = took.map(([placed, completed]) => completed - placed).sort((a, b) => a - b);
  const at = (share: number) => latencies[Math.floor(share * (latencies.length - 1))];
  const rate = (timeMs: number) => (took.length / (timeMs / 1_000)).toFixed(0);
  console.log(`orders accepted   ${rate(acceptedMs)}/s`);
  console.log(`orders completed  ${rate(last - first)}/s`);
  console.log(`placed → completed, ms: p50 ${at(0.5)}  p95 ${at(0.95)}  max ${at(1)}`);
}

// Linux alone tells the memory of another process in a file.
async function reportMemory(services: NonNullable<State['services']>): Promise<void> {
  for (const [name, { pid }] of Object.entries(services)) {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
    const kib = /^VmRSS:\s+(\d+)/m.exec(status)?.[1];
    if (kib) console.log(`${name.padEnd(10)} ${(Number(kib) / 1_024).toFixed(0)} MiB resident`);
  }
}

runCommand(main);

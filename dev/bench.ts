import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';

/**
 * How many orders a second the running system completes, from POST to `completed`, all four
 * patterns and every database write included. `npm run bench -- --orders 2000 --concurrency 32`,
 * beside a running `npm start`.
 */

interface State {
  services: Record<string, { url: string; pid: number }>;
}

interface OrderDetails {
  createdAt: string;
  timeline: { state: string; at: string }[];
}

const settleTimeoutMs = 120_000;
const pollMs = 50;

async function main(): Promise<void> {
  const { orders, concurrency } = options();
  const state = await runningSystem();
  const base = state.services['orders']?.url ?? 'http://127.0.0.1:3000';

  const startedAt = performance.now();
  const accepted = await placeAll(base, orders, concurrency);
  const acceptedMs = performance.now() - startedAt;
  await settled(base);
  const took = await Promise.all(chunks(accepted, concurrency).map((ids) => times(base, ids)));
  report(took.flat(), acceptedMs);
  await reportMemory(state);
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
  if (!(
    Number.isInteger(orders) &&
    orders > 0 &&
    Number.isInteger(concurrency) &&
    concurrency > 0
  )) {
    throw new Error('--orders and --concurrency want whole numbers above 0');
  }
  return { orders, concurrency };
}

async function runningSystem(): Promise<State> {
  try {
    return JSON.parse(await readFile('.tradepost/state.json', 'utf8')) as State;
  } catch {
    throw new Error('nothing runs here: begin with `npm start`, in another terminal');
  }
}

/** @returns the ids of the accepted orders */
async function placeAll(base: string, orders: number, concurrency: number): Promise<string[]> {
  const ids: string[] = [];
  let next = 0;
  const client = async () => {
    while (next < orders) {
      next += 1;
      ids.push(await place(base));
    }
  };
  await Promise.all(Array.from({ length: concurrency }, client));
  return ids;
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
  const deadline = performance.now() + settleTimeoutMs;
  for (const status of ['pending', 'awaiting_payment', 'paid']) {
    while (await anyIn(base, status)) {
      if (performance.now() > deadline) throw new Error(`orders are still ${status}`);
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    }
  }
}

async function anyIn(base: string, status: string): Promise<boolean> {
  const response = await fetch(`${base}/v1/orders?status=${status}&limit=1`);
  return ((await response.json()) as { items: unknown[] }).items.length > 0;
}

/** Of each order: when it was placed and when it was completed, epoch milliseconds. */
async function times(base: string, ids: string[]): Promise<[placed: number, completed: number][]> {
  const all: [number, number][] = [];
  for (const id of ids) {
    const response = await fetch(`${base}/v1/orders/${id}`);
    const { createdAt, timeline } = (await response.json()) as OrderDetails;
    const last = timeline.at(-1);
    if (last?.state !== 'completed') throw new Error(`order ${id} ended ${last?.state}`);
    all.push([Date.parse(createdAt), Date.parse(last.at)]);
  }
  return all;
}

function report(took: [placed: number, completed: number][], acceptedMs: number): void {
  const first = Math.min(...took.map(([placed]) => placed));
  const last = Math.max(...took.map(([, completed]) => completed));
  const latencies = took.map(([placed, completed]) => completed - placed).sort((a, b) => a - b);
  const at = (share: number) => latencies[Math.floor(share * (latencies.length - 1))];
  console.log(`orders accepted   ${rate(took.length, acceptedMs)}/s`);
  console.log(`orders completed  ${rate(took.length, last - first)}/s`);
  console.log(`placed → completed, ms: p50 ${at(0.5)}  p95 ${at(0.95)}  max ${at(1)}`);
}

function rate(count: number, timeMs: number): string {
  return (count / (timeMs / 1_000)).toFixed(0);
}

// Linux alone tells the memory of another process in a file.
async function reportMemory({ services }: State): Promise<void> {
  for (const [name, { pid }] of Object.entries(services)) {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
    const kib = /^VmRSS:\s+(\d+)/m.exec(status)?.[1];
    if (kib) console.log(`${name.padEnd(10)} ${(Number(kib) / 1_024).toFixed(0)} MiB resident`);
  }
}

function chunks<T>(items: T[], count: number): T[][] {
  const parts: T[][] = Array.from({ length: count }, () => []);
  items.forEach((item, i) => parts[i % count]?.push(item));
  return parts;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});

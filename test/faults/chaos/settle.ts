import { setTimeout as delay } from 'node:timers/promises';
import { audit } from '../../../ops/audit/audit';
import { read } from '../../../ops/audit/client';
import { probeReportOf } from './probe-report';
import { readinessOf } from './readiness';
import type { System } from './system';

const openStates = ['pending', 'awaiting_payment', 'paid', 'cancel_pending'];
const withinMs = 60_000;
const everyMs = 500;
const sayEveryMs = 10_000;

/** Waits until nothing is on its way. @returns what still was when the time was over */
export async function settle(
  system: System,
  answered: Promise<void>,
  { say, signal }: { say: (line: string) => void; signal: AbortSignal },
): Promise<string[]> {
  const deadline = performance.now() + withinMs;
  let sayAt = performance.now() + sayEveryMs;
  let isAnswered = false;
  void answered.then(() => (isAnswered = true));
  for (;;) {
    signal.throwIfAborted();
    const open = isAnswered
      ? await openOf(system).catch((error: unknown) => [String(error)])
      : ['customers still wait for their answers'];
    if (open.length === 0) return [];
    if (performance.now() > deadline) return [...open, ...(await heldByQueues(system))];
    if (performance.now() > sayAt) {
      say(`still: ${open.join('; ')}`);
      sayAt += sayEveryMs;
    }
    await delay(everyMs, undefined, { signal }).catch(() => undefined);
  }
}

/** Cheap checks first: the expensive ones run when all else is quiet. */
async function openOf(system: System): Promise<string[]> {
  const open = [...(await unready(system)), ...(await openOrders(system))];
  if (open.length > 0) return open;
  const { missing } = await probeReportOf(system);
  if (missing.length > 0) return [`the probe has not heard ${missing.length} messages`];
  // What no order waits for, such as a refund whose answer was lost.
  const { violations } = await audit(system.endpoints, { settled: true, orderDeadlineMs: 0 });
  return violations.length > 0 ? [`the audit finds ${violations.length} violations`] : [];
}

async function unready({ processes }: System): Promise<string[]> {
  const found = processes.map(async (process): Promise<string[]> => {
    const { name } = process;
    const answer = await readinessOf(process);
    if (answer === undefined) return [`${name} does not answer`];
    if (answer.status !== 'ok') return [`${name} is not ready: ${JSON.stringify(answer.checks)}`];
    const lag = answer.figures ? answer.figures.outboxLagSeconds : 0;
    return lag === 0 ? [] : [`${name} has messages in its outbox (${lag} s)`];
  });
  return (await Promise.all(found)).flat();
}

async function openOrders(system: System): Promise<string[]> {
  const url = system.url('orders');
  const found = await Promise.all(
    openStates.map(async (status) => {
      const path = `${url}/v1/orders?status=${status}&limit=100`;
      const { items } = await read<{ items: { id: string }[] }>(path);
      return items.length > 0 ? [`${items.length} orders are ${status}: ${items[0]?.id} …`] : [];
    }),
  );
  return found.flat();
}

/** `retry.5s holds 17 messages (0 unacknowledged)` */
async function heldByQueues({ servers: { broker } }: System): Promise<string[]> {
  const columns = ['name', 'messages', 'messages_unacknowledged'];
  const list = ['list_queues', '--quiet', '--no-table-headers', ...columns];
  const table = await broker.control(...list).catch(String);
  return table.split('\n').flatMap((line) => {
    const [name, messages, unacked] = line.split('\t');
    if (name === undefined || !(Number(messages) > 0)) return [];
    return [`${name} holds ${messages} messages (${unacked} unacknowledged)`];
  });
}

import { Db } from '@tradepost/database';
import { readAll } from '../../../ops/audit/client';
import type { System } from './system';

interface Heard {
  paymentId: string;
  event: string;
  times: number;
  copies: number;
}

const selectHeard = {
  name: 'chaos-heard',
  text: 'SELECT payment_id AS "paymentId", event, times, copies FROM heard',
};

// It acknowledges a message later than that.
const selectHolds = {
  name: 'chaos-holds',
  text: `SELECT EXISTS (SELECT FROM heard WHERE heard_at > now() - interval '1 second') AS holds`,
};

/** The events of a payment, one each, on its way to the state that it is in. */
const eventsOf: Record<string, string[]> = {
  captured: ['captured'],
  declined: ['declined'],
  refund_pending: ['captured'],
  refunded: ['captured', 'refunded'],
};

/** What the probe heard of all payments, compared with what payments did with them. */
export async function probeReportOf(system: System) {
  const wanted = new Set<string>();
  const url = `${system.url('payments')}/v1/payments`;
  for await (const { id, status } of readAll<{ id: string; status: string }>(url)) {
    for (const event of eventsOf[status] ?? []) wanted.add(`${id} ${event}`);
  }
  const heard = await query<Heard>(system, selectHeard);
  return compare(wanted, heard);
}

/** Whether the probe has messages unacknowledged that it has counted. */
export async function probeHoldsMessages(system: System): Promise<boolean> {
  const [row] = await query<{ holds: boolean }>(system, selectHolds);
  return row?.holds ?? false;
}

function compare(wanted: Set<string>, heard: Heard[]) {
  const known = new Set(heard.map(nameOf));
  const missing = [...wanted].filter((one) => !known.has(one));
  const wrong = heard.flatMap((one) => {
    if (one.times > 1) return [`payment ${nameOf(one)}: heard ${one.times} times`];
    return wanted.has(nameOf(one)) ? [] : [`payment ${nameOf(one)}: heard, but not in that state`];
  });
  return {
    heard: heard.reduce((sum, { times }) => sum + times, 0),
    // Deliveries that its inbox refused.
    copies: heard.reduce((sum, { copies }) => sum + copies, 0),
    // It may come yet; nothing repairs what is wrong.
    missing: missing.map((one) => `payment ${one}: not heard by the probe`),
    wrong,
  };
}

function nameOf({ paymentId, event }: Heard): string {
  return `${paymentId} ${event}`;
}

async function query<T extends object>(
  system: System,
  statement: typeof selectHeard,
): Promise<T[]> {
  const db = new Db({ url: system.of('probe').database.url, poolMax: 1 });
  return db.query<T>(statement).finally(() => db.close());
}

import { Db } from '@tradepost/database';
import { readAll } from '../../../ops/audit/client';
import type { System } from './system';

interface Payment {
  id: string;
  status: string;
}

interface Heard {
  paymentId: string;
  event: string;
  times: number;
  copies: number;
}

export interface Testimony {
  /** Messages that the witness has heard. */
  heard: number;
  /** Deliveries that it got once more and did not count, because its inbox knew them. */
  copies: number;
  /** Of what it should have heard: what it has not. It may come yet. */
  missing: string[];
  /** What it heard more than once, or should never have heard. Nothing mends that. */
  wrong: string[];
}

const selectHeard = {
  name: 'chaos-heard',
  text: 'SELECT payment_id AS "paymentId", event, times, copies FROM heard',
};

// It lingers for longer than that before it lets go of a message.
const selectHolds = {
  name: 'chaos-holds',
  text: `SELECT EXISTS (SELECT FROM heard WHERE heard_at > now() - interval '1 second') AS holds`,
};

/** What is said of a payment, once, on its way to the state that it is in. */
const said: Record<string, string[]> = {
  captured: ['captured'],
  declined: ['declined'],
  refund_pending: ['captured'],
  refunded: ['captured', 'refunded'],
};

/** What the witness heard of all payments, next to what payments did with them. */
export async function testimonyOf(system: System): Promise<Testimony> {
  const wanted = new Set<string>();
  for await (const { id, status } of readAll<Payment>(`${system.url('payments')}/v1/payments`)) {
    for (const event of said[status] ?? []) wanted.add(`${id} ${event}`);
  }
  const heard = await withDatabase(system, async (db) => db.query<Heard>(selectHeard));
  return compare(wanted, heard);
}

/** Whether the witness has messages in its hands that it has counted. */
export async function holdsMessages(system: System): Promise<boolean> {
  return withDatabase(system, async (db) => {
    const [row] = await db.query<{ holds: boolean }>(selectHolds);
    return row?.holds ?? false;
  });
}

function compare(wanted: Set<string>, heard: Heard[]): Testimony {
  const known = new Set(heard.map(nameOf));
  const missing = [...wanted].filter((one) => !known.has(one));
  const wrong = heard.flatMap((one) => {
    if (one.times > 1) return [`payment ${nameOf(one)}: heard ${one.times} times`];
    return wanted.has(nameOf(one)) ? [] : [`payment ${nameOf(one)}: heard, but it is not so`];
  });
  return {
    heard: heard.reduce((sum, { times }) => sum + times, 0),
    copies: heard.reduce((sum, { copies }) => sum + copies, 0),
    missing: missing.map((one) => `payment ${one}: not heard by the witness`),
    wrong,
  };
}

function nameOf({ paymentId, event }: Heard): string {
  return `${paymentId} ${event}`;
}

async function withDatabase<T>(system: System, read: (db: Db) => Promise<T>): Promise<T> {
  const db = new Db({ url: system.of('witness').database.url, poolMax: 1 });
  try {
    return await read(db);
  } finally {
    await db.close();
  }
}

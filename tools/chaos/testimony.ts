import { Db } from '@tradepost/database';
import { readAll } from '../audit/client';
import type { System } from './system';

interface Payment {
  id: string;
  status: string;
}

export interface Testimony {
  /** Messages that the witness has heard. */
  heard: number;
  /** Of what it should have heard: what it has not. It may come yet. */
  missing: string[];
  /** What it heard more than once, or should never have heard. Nothing mends that. */
  wrong: string[];
}

const selectHeard = {
  name: 'chaos-heard',
  text: 'SELECT payment_id AS "paymentId", event, times FROM heard',
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
  return compare(wanted, await heardBy(system.of('witness').database.url));
}

function compare(wanted: Set<string>, heard: Map<string, number>): Testimony {
  const missing = [...wanted].filter((one) => !heard.has(one));
  const wrong = [...heard].flatMap(([one, times]) => {
    if (times > 1) return [`payment ${one}: heard ${times} times`];
    return wanted.has(one) ? [] : [`payment ${one}: heard, but it is not so`];
  });
  return {
    heard: [...heard.values()].reduce((sum, times) => sum + times, 0),
    missing: missing.map((one) => `payment ${one}: not heard by the witness`),
    wrong,
  };
}

/** How often it heard each `<payment> <event>`. */
async function heardBy(witnessUrl: string): Promise<Map<string, number>> {
  const db = new Db({ url: witnessUrl, poolMax: 1 });
  try {
    const rows = await db.query<{ paymentId: string; event: string; times: number }>(selectHeard);
    return new Map(rows.map(({ paymentId, event, times }) => [`${paymentId} ${event}`, times]));
  } finally {
    await db.close();
  }
}

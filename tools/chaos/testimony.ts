import { Db } from '@tradepost/database';
import { each } from './each';
import { get } from './shop-client';

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

const readsAtOnce = 16;

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

/** What the witness heard of the payments of these orders, next to what payments did with them. */
export async function testimonyOf(
  orderIds: string[],
  { paymentsUrl, witnessUrl }: { paymentsUrl: string; witnessUrl: string },
): Promise<Testimony> {
  const payments = await each(orderIds, readsAtOnce, async (orderId) => {
    const path = `${paymentsUrl}/v1/payments?orderId=${orderId}`;
    return (await get<{ items: Payment[] }>(path)).items;
  });
  const wanted = new Set(
    payments.flat().flatMap(({ id, status }) => (said[status] ?? []).map((e) => `${id} ${e}`)),
  );
  return compare(wanted, await heardBy(witnessUrl));
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

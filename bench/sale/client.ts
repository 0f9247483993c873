import { Agent } from 'node:http';
import { moments } from '../../dev/moments';
import { postJson } from '../../dev/post-json';

/** A buyer that sends one POST after the other over connections that stay open. */

export interface Target {
  url: URL;
  /** A new order, as JSON. */
  body: () => string;
  /** Of who places it. */
  headers?: (body: string) => Record<string, string>;
}

export interface Pace {
  orders: number;
  perSecond: number;
}

/** Of the orders that were accepted: when each was begun, epoch milliseconds, by its id. */
export interface Placed {
  begun: Map<string, number>;
  /** From the moment that a POST was due until its answer was there. */
  tookMs: number[];
  /** From the first POST until the last answer. */
  ms: number;
  /** When the last answer was there, epoch milliseconds. */
  answeredAt: number;
}

const connectionsMax = 256;

/** As fast as `connections` of them can, each waiting for its answer. */
export async function placeAtOnce(
  target: Target,
  { orders, connections }: { orders: number; connections: number },
): Promise<Placed> {
  return placing(target, connections, async (place) => {
    let left = orders;
    const buyer = async () => {
      while (left > 0) {
        left -= 1;
        await place(performance.now());
      }
    };
    await Promise.all(Array.from({ length: connections }, buyer));
  });
}

/** At even intervals, whether the system keeps up or not; a POST counts from when it was due. */
export async function placeEvenly(target: Target, pace: Pace): Promise<Placed> {
  return placeInSteps(target, [pace]);
}

/** The same, at one pace after the other. */
export async function placeInSteps(target: Target, paces: readonly Pace[]): Promise<Placed> {
  return placing(target, connectionsMax, async (place) => {
    const sent: Promise<void>[] = [];
    for (const { orders, perSecond } of paces) {
      for await (const dueMs of moments({ perSecond, count: orders })) sent.push(place(dueMs));
    }
    await Promise.all(sent);
  });
}

async function placing(
  target: Target,
  maxSockets: number,
  work: (place: (dueMs: number) => Promise<void>) => Promise<void>,
): Promise<Placed> {
  const agent = new Agent({ keepAlive: true, maxSockets });
  const begun = new Map<string, number>();
  const tookMs: number[] = [];
  const startedMs = performance.now();
  try {
    await work(async (dueMs) => {
      const id = await post(agent, target);
      tookMs.push(performance.now() - dueMs);
      begun.set(id, performance.timeOrigin + dueMs);
    });
    const endedMs = performance.now();
    return { begun, tookMs, ms: endedMs - startedMs, answeredAt: performance.timeOrigin + endedMs };
  } finally {
    agent.destroy();
  }
}

/** @returns the id of the order @throws on any answer but 201 */
async function post(agent: Agent, { url, body, headers }: Target): Promise<string> {
  const order = body();
  const { status, text } = await postJson(url, order, { agent, headers: headers?.(order) });
  if (status === 201) return (JSON.parse(text) as { id: string }).id;
  throw new Error(`POST ${url.href}: ${status} ${text}`);
}

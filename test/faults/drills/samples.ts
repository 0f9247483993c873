import { basename, resolve } from 'node:path';
import { eventually, type TestBroker } from '@tradepost/test-kit';
import { work } from '@tradepost/messaging/contract';
import { orderOf } from './baselines/sample';
import type { DrillFlow } from './drill-subject';
import type { Library } from './library';

/** A service of examples/ on its own library, and on the runtime. */
export interface Pair {
  before: Library;
  after: Library;
}

/** Names the queue of the samples alone: their orders come in their own formats. */
class OrderPlaced {
  static readonly route = work('warehouse');
}

const shipping = 'shipping';
const drainMs = 120_000;

function flowOf(name: string): DrillFlow {
  return {
    contract: OrderPlaced,
    body: (job) => orderOf(job, name),
    effects: 'SELECT job FROM reservations',
  };
}

const main = flowOf('main');
const subject = {
  service: 'warehouse',
  providers: [],
  migrations: ['test/faults/drills/baselines/migrations'],
  main,
  poison: flowOf('poison'),
};

type Own = Pick<Library, 'subject' | 'encode' | 'exchange' | 'listener'>;

const samples: Record<string, Own> = {
  golevelup: {
    subject: { ...subject, fanout: main },
    encode: (body) => body,
    exchange: 'shop',
    listener: {
      async declare(client) {
        await client.declareExchange('shop', 'topic');
        await client.declareQueue(shipping);
        await client.bindQueue(shipping, 'shop', 'stock.reserved');
      },
      heard,
    },
  },
  nest: {
    subject,
    encode: (data) => ({ pattern: 'order-placed', data }),
    listener: { declare: (client) => client.declareQueue(shipping), heard },
  },
};

/** @param module a folder in examples/; undefined for any other */
export function pairOf(module: string): Pair | undefined {
  const name = basename(module);
  const own = samples[name];
  if (own === undefined || resolve(module) !== resolve('examples', name)) return undefined;
  const program = `test/faults/drills/baselines/${name}-sample.js`;
  const runs = { program, module: '', mode: 'simple' as const };
  const both = { ...own, ...runs, hasClassicQueue: true, hasOutbox: true };
  return {
    before: { ...both, name: `${name}, before`, onRuntime: false },
    after: { ...both, name: `${name}, after`, onRuntime: true },
  };
}

/** An order is done when shipping hears of it; like any listener, it takes a copy for the same. */
async function heard(client: TestBroker): Promise<number[]> {
  const count = await client.depth(shipping);
  const { messages } = await client.takeFrom<Said>(shipping);
  await eventually(
    () => {
      if (messages.length < count) throw new Error(`shipping took ${messages.length} of ${count}`);
    },
    { withinMs: drainMs },
  );
  return [...new Set(messages.map(({ body }) => Number(body.data?.orderId ?? body.orderId)))];
}

interface Said {
  orderId?: string;
  data?: { orderId: string };
}

import { partitionsOf } from '@tradepost/messaging';
import type { TestBroker } from '@tradepost/test-kit';
import type { Library } from './library';

const tiers = ['retry.1s', 'retry.5s', 'retry.30s'];
const partitions = 8;

/** Messages that wait in the queues of a flow, and in the tiers of its service. */
export async function leftIn(
  client: TestBroker,
  queue: string,
  { mode, subject }: Library,
  isKeyed: boolean,
): Promise<number> {
  const own = tiers.map((tier) => (mode === 'strict' ? `${subject.service}.${tier}` : tier));
  const queues = isKeyed ? partitionsOf(queue, partitions) : [queue];
  const depths = [...queues, ...own].map((name) => client.depth(name).catch(() => 0));
  return (await Promise.all(depths)).reduce((sum, depth) => sum + depth, 0);
}

import type { System } from './system';

/** What waits or is in somebody's hands: `retry.5s holds 17 messages (0 in hands)`. */
export async function heldByQueues({ broker }: System): Promise<string[]> {
  const columns = ['name', 'messages', 'messages_unacknowledged'];
  const table = await broker.control('list_queues', '--quiet', '--no-table-headers', ...columns);
  return table.split('\n').flatMap((line) => {
    const [name, messages, inHands] = line.split('\t');
    if (name === undefined || !(Number(messages) > 0)) return [];
    return [`${name} holds ${messages} messages (${inHands} in hands)`];
  });
}

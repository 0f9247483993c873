import { type BulkClient, eventually } from '@tradepost/test-kit';
import { v7 } from 'uuid';
import { ownHeader } from './messages/case';
import type { Inlet } from './messages/inlets';
import type { System } from './system';
import type { Known } from './values/good';

const orders = 12;
const withinMs = 60_000;

interface Order {
  id: string;
  status: string;
}

/** Buys some things, so that requests and messages can be about what is there. */
export async function buySome(system: System): Promise<Known> {
  const { items } = await system.call<{ items: { sku: string; prices: object }[] }>(
    'orders',
    '/v1/products',
  );
  const skus = items.filter(({ prices }) => 'USD' in prices).map(({ sku }) => sku);
  const placed = Array.from({ length: orders }, async (_, index) => {
    const line = { sku: skus[index % skus.length], quantity: 1 + index };
    const order = { customerId: '1', currency: 'USD', paymentToken: 'tok_approve', items: [line] };
    return system.call<Order>('orders', '/v1/orders', order);
  });
  const orderIds = (await Promise.all(placed)).map(({ id }) => id);
  const paymentIds = await Promise.all(orderIds.map(async (id) => completed(system, id)));
  return {
    id: [...orderIds, ...paymentIds, '1', '2'],
    orderId: orderIds,
    paymentId: paymentIds,
    customerId: ['1', '2'],
    sku: skus,
    url: [system.receiver.url('/hooks')],
  };
}

/** @returns the id of its payment */
async function completed(system: System, orderId: string): Promise<string> {
  return eventually(
    async () => {
      const { status } = await system.call<Order>('orders', `/v1/orders/${orderId}`);
      if (status !== 'completed') throw new Error(`order ${orderId} is ${status}`);
      const path = `/v1/payments?orderId=${orderId}`;
      const { items } = await system.call<{ items: { id: string }[] }>('payments', path);
      return items[0]?.id ?? '';
    },
    { withinMs, everyMs: 100 },
  );
}

/** So that there are some for an operator's requests. @returns their ids */
export async function leaveDeadLetters(
  client: BulkClient,
  inlets: readonly Inlet[],
): Promise<string[]> {
  const ids: string[] = [];
  for (const { queue, isQuestion } of inlets) {
    if (isQuestion) continue;
    for (const body of ['{', '{"orderId":7}']) {
      const messageId = v7();
      ids.push(messageId);
      await client.publish(queue, Buffer.from(body), { messageId, headers: ownHeader });
    }
  }
  await eventually(
    async () => {
      const depths = inlets.map(async ({ queue }) => client.depth(`${queue}.dead`));
      const dead = (await Promise.all(depths)).reduce((sum, depth) => sum + depth, 0);
      if (dead < ids.length) throw new Error(`${dead} of ${ids.length} are dead letters`);
    },
    { withinMs, everyMs: 100 },
  );
  return ids;
}

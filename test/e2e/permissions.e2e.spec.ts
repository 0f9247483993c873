import { environment, eventually, Shop, TestBroker } from '@tradepost/test-kit';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { services, type Service } from '../../apps/services';
import { Storefront } from './storefront';

it('a shop of users with the least permissions sells, and gives money back', async () => {
  const broker = await TestBroker.create();
  const { postgresUrl, managementUrl } = environment();
  const env = { AMQP_URL: broker.amqpUrl, AMQP_MANAGEMENT_URL: managementUrl };
  const topology = async (...args: string[]) =>
    promisify(execFile)(process.execPath, ['dist/ops/topology.js', ...args], { env });
  await topology('apply');
  const { stdout } = await topology('permissions', '--json');
  const least = JSON.parse(stdout) as Record<Service, Parameters<typeof broker.userWith>[0]>;
  const amqpUrls: Partial<Record<Service, string>> = {};
  for (const service of services) amqpUrls[service] = await broker.userWith(least[service]);
  const shop = await Shop.start({
    amqpUrl: broker.amqpUrl,
    amqpUrls,
    postgresUrl,
    readyWithinMs: 60_000,
  });
  try {
    const front = new Storefront(shop);
    const items = [{ sku: 'MUG-BLUE', quantity: 1 }];
    const { id } = await front.place({ customerId: '1', currency: 'USD', items });
    await front.orderWhen(id, 'completed');
    const found = async () => expect(await front.logs({ 'field.orderId': id })).toHaveLength(3);
    await eventually(found);
    await front.cancel(id, 'changed their mind');
    await front.orderWhen(id, 'cancelled');
    expect(await broker.allDeadLetters()).toEqual({});
    expect(shop.lastLines(1_000)).not.toMatch(/ACCESS_REFUSED|lacks permissions/);
  } finally {
    await shop.stop();
    await broker.close();
  }
}, 120_000);

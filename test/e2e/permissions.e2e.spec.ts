import * as contracts from '@tradepost/contracts';
import type { Contract } from '@tradepost/messaging/contract';
import { environment, eventually, Shop, TestBroker } from '@tradepost/test-kit';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { services, type Service } from '../../apps/services';
import { Storefront } from './storefront';

/** What a service without a row of its own may send and hear here. */
const events = Object.values<unknown>(contracts)
  .map((one) => (one as Partial<Contract>).route)
  .flatMap((route) => (route?.kind === 'fanout' ? [route.exchange] : []));

/** As docs/OPERATIONS.md has them: `| user of | permission | pattern |`. */
async function documented(service: Service) {
  const text = await readFile('docs/OPERATIONS.md', 'utf8');
  const cellOf = (user: string, permission: string) =>
    new RegExp(`^\\| ${user} \\| ${permission} \\| \`(\\^.*\\$)\` \\|$`, 'm').exec(text)?.[1];
  const pattern = (permission: 'write' | 'read') => {
    const any = cellOf('SERVICE', permission)
      ?.replaceAll('SERVICE', service)
      .replace('EVENTS', events.join('|'));
    const cell = cellOf(service, permission) ?? any ?? 'not documented';
    return cell.replaceAll('\\|', '|');
  };
  return { configure: '^$', write: pattern('write'), read: pattern('read') };
}

it('a shop of users with the documented permissions sells, and gives money back', async () => {
  const broker = await TestBroker.create();
  const { postgresUrl, managementUrl } = environment();
  const env = { AMQP_URL: broker.amqpUrl, AMQP_MANAGEMENT_URL: managementUrl };
  await promisify(execFile)(process.execPath, ['dist/ops/topology.js', 'apply'], { env });
  const amqpUrls: Partial<Record<Service, string>> = {};
  for (const service of services) {
    amqpUrls[service] = await broker.userWith(await documented(service));
  }
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

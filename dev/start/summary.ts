import { window, type AppName } from '../../apps/services';
import type { Broker, Database } from '../local/types';
import { urlOf } from './environment';
import type { Ports } from './ports';

const signIn = 'sign in with: npm run token -- --scope ops';

/**
 * Printed when everything is ready: addresses, and a first order.
 * @param token of customer 1, where one is needed
 */
export function summary(
  running: readonly AppName[],
  ports: Ports,
  { broker, database }: { broker: Broker; database: Database },
  token?: string,
): string {
  const orders = urlOf('orders', ports);
  const management = new URL(broker.managementUrl);
  const login = `${management.username} / ${management.password}`;
  const body = JSON.stringify({
    customerId: '1',
    currency: 'USD',
    items: [{ sku: 'MUG-BLUE', quantity: 2 }],
  });
  const as = token === undefined ? '' : ' -H "authorization: Bearer $TOKEN"';
  const row = (name: string, text: string) => `  ${name.padEnd(16)}${text}`;
  const shop = running.filter((app) => app !== window);
  return [
    '',
    row('console', `${urlOf(window, ports)}  (${token === undefined ? 'see it work' : signIn})`),
    '',
    ...shop.map((app) => row(app, urlOf(app, ports))),
    row('RabbitMQ', `${management.origin} (${login})`),
    row('PostgreSQL', database.url),
    '',
    'Place an order:',
    ...(token === undefined ? [] : [`  TOKEN=${token}`]),
    `  curl -s -X POST ${orders}/v1/orders${as} -H 'content-type: application/json' -d '${body}'`,
    'and see what became of it:',
    `  curl -s '${orders}/v1/orders?limit=1'${as}`,
    '',
    'Ctrl-C stops everything.',
    '',
  ].join('\n');
}

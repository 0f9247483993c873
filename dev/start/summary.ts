import type { Broker, Database } from '../local/types';
import type { AppName } from '../../apps/services';
import type { Ports } from './ports';

/** Printed when everything is ready: addresses, and a first order. */
export function summary(
  apps: readonly AppName[],
  ports: Ports,
  broker: Broker,
  database: Database,
): string {
  const orders = `http://localhost:${ports.orders}`;
  const management = new URL(broker.managementUrl);
  const login = `${management.username} / ${management.password}`;
  const body = JSON.stringify({
    customerId: '1',
    currency: 'USD',
    items: [{ sku: 'MUG-BLUE', quantity: 2 }],
  });
  const row = (name: string, text: string) => `  ${name.padEnd(16)}${text}`;
  return [
    '',
    ...apps.map((app) => row(app, `http://localhost:${ports[app]}`)),
    row('RabbitMQ', `${management.origin} (${login})`),
    row('PostgreSQL', database.url),
    '',
    'Place an order:',
    `  curl -s -X POST ${orders}/v1/orders -H 'content-type: application/json' -d '${body}'`,
    'and see what became of it:',
    `  curl -s '${orders}/v1/orders?limit=1'`,
    '',
    'Ctrl-C stops everything.',
    '',
  ].join('\n');
}

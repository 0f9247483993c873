import { gateway, services, window, type AppName } from '../../apps/services';
import type { Access } from './access';
import type { BrokerUsers } from './broker-users';
import type { Ports } from './ports';

export interface Surroundings {
  /** What runs. */
  apps: readonly AppName[];
  ports: Ports;
  users: Pick<BrokerUsers, 'urlsOf' | 'mode'>;
  /** Of each app's database; of one without a database there is none. */
  databaseUrls: ReadonlyMap<AppName, string>;
  access: Pick<Access, 'settingsOf'>;
  gatewaySecret: string;
  /** Where the console has things broken, and its token. */
  drills: { url: string; token: string };
}

/** What a process of an app gets as its environment. */
export function environmentOf(app: AppName, around: Surroundings): Record<string, string> {
  return {
    AMQP_URL: around.users.urlsOf(app).amqpUrl,
    AMQP_MODE: around.users.mode,
    POSTGRES_URL: around.databaseUrls.get(app) ?? '',
    HOST: '127.0.0.1',
    ...around.access.settingsOf(app),
    ...gatewayEnv(app, around),
    ...(app === 'orders' && ordersEnv()),
    ...(app === window && consoleEnv(around)),
  };
}

/** A gateway that is not ours: payments has it from the same environment. */
export function givenGateway(): string | undefined {
  return process.env.GATEWAY_URL?.trim() || undefined;
}

export function urlOf(app: AppName, ports: Ports): string {
  return `http://localhost:${ports[app]}`;
}

/** How payments and the gateway find each other: by our own gateway, or by the environment. */
function gatewayEnv(
  app: AppName,
  { apps, ports, gatewaySecret: secret }: Surroundings,
): Record<string, string> {
  if (app === 'payments') {
    if (!apps.includes(gateway)) return givenGateway() ? {} : { GATEWAY: 'sandbox' };
    const url = urlOf(gateway, ports);
    return { GATEWAY: '', GATEWAY_URL: url, GATEWAY_CALLBACK_SECRET: secret };
  }
  if (app !== gateway) return {};
  const url = `${urlOf('payments', ports)}/v1/gateway-callbacks`;
  return { CALLBACK_URL: url, CALLBACK_SECRET: secret };
}

/** A developer's receivers are on this machine. */
function ordersEnv(): Record<string, string> {
  return { WEBHOOKS_ALLOW_PRIVATE: process.env.WEBHOOKS_ALLOW_PRIVATE || 'true' };
}

function consoleEnv({ users, ports, drills }: Surroundings): Record<string, string> {
  const named = services.map((service) => `${service}=${urlOf(service, ports)}`);
  return {
    SERVICES: named.join(','),
    AMQP_MANAGEMENT_URL: users.urlsOf(window).managementUrl,
    DRILLS_URL: drills.url,
    DRILLS_TOKEN: drills.token,
  };
}

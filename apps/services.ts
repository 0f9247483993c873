import type { Type } from '@nestjs/common';

/**
 * The one list of what runs: a new service is its folder, an entry here and one in
 * docker-compose.yml, which a test compares with this. `npm run new-service` writes all three.
 */

const plainColours = ['cyan', 'green', 'yellow', 'magenta', 'blue', 'gray', 'white'] as const;
const brightColours = ['cyanBright', 'greenBright', 'magentaBright', 'blueBright'] as const;

/** Not those of warnings and errors. */
export const colours = [...plainColours, ...brightColours];

interface App {
  /** Unless PORT says otherwise. */
  port: number;
  /** Of its lines in the output of `npm start`. */
  colour: (typeof colours)[number];
  /** Loaded only when it is asked for: names and ports cost nothing. */
  module: () => Promise<Type>;
  /** The folders that make its database, relative to the repository; none: it has no database. */
  migrations: readonly string[];
}

const messaging = 'libs/messaging/migrations';
/** Of services that have routes with an Idempotency-Key. */
const idempotency = 'libs/service/migrations';
/** Payments has these too: with GATEWAY=sandbox it is the gateway. */
const sandbox = 'apps/sandbox-gateway/migrations';

export const apps = {
  orders: {
    port: 3000,
    colour: 'cyan',
    module: async () => (await import('./orders/src/orders.module')).OrdersModule,
    migrations: [messaging, idempotency, 'apps/orders/migrations'],
  },
  users: {
    port: 3001,
    colour: 'green',
    module: async () => (await import('./users/src/users.module')).UsersModule,
    migrations: [messaging, 'apps/users/migrations'],
  },
  financial: {
    port: 3002,
    colour: 'yellow',
    module: async () => (await import('./financial/src/financial.module')).FinancialModule,
    migrations: [messaging, 'apps/financial/migrations'],
  },
  payments: {
    port: 3003,
    colour: 'magenta',
    module: async () => (await import('./payments/src/payments.module')).PaymentsModule,
    migrations: [messaging, 'apps/payments/migrations', sandbox],
  },
  'log-sink': {
    port: 3004,
    colour: 'blue',
    module: async () => (await import('./log-sink/src/log-sink.module')).LogSinkModule,
    migrations: [messaging, 'apps/log-sink/migrations'],
  },
  'sandbox-gateway': {
    port: 3005,
    colour: 'gray',
    module: async () =>
      (await import('./sandbox-gateway/src/sandbox-gateway.module')).SandboxGatewayModule,
    migrations: [sandbox],
  },
  console: {
    port: 3006,
    colour: 'white',
    module: async () => (await import('./console/src/console.module')).ConsoleModule,
    migrations: [],
  },
} satisfies Record<string, App>;

export type AppName = keyof typeof apps;

/** No part of the shop, but run beside it: the payment provider's side. */
export const gateway = 'sandbox-gateway';

/** The window on the shop: it asks the services, and has neither a handler nor a database. */
export const window = 'console';

/** A part of the shop, with a database, and with what it says and hears. */
export type Service = Exclude<AppName, typeof gateway | typeof window>;

export const appNames = Object.keys(apps) as AppName[];
export const services = appNames.filter(
  (name): name is Service => name !== gateway && name !== window,
);

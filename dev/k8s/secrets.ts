import { randomBytes } from 'node:crypto';
import { gateway, window, type AppName } from '../../apps/services';
import { scaler, userPrefix } from './broker-resources';
import type { Kinds } from './kinds';
import {
  amqpPort,
  broker,
  brokerReplicas,
  database,
  databaseOf,
  databasePort,
  managementPort,
  migrator,
  deployed,
  stored,
} from './names';

export const overlays = ['local', 'operators'] as const;
export type Overlay = (typeof overlays)[number];

type Values = Record<string, string>;

/**
 * All Secrets that an overlay refers to, with passwords made at random.
 * @param parties of the broker
 */
export function secretsOf(overlay: Overlay, parties: readonly string[]): Kinds['Secret'][] {
  const isLocal = overlay === 'local';
  const common = password();
  // Where nobody manages roles, the migrations give all of them one password.
  const ofDatabase = fill(['migrations', ...stored], () => (isLocal ? common : password()));
  const ofBroker = fill([...parties, scaler], password);
  const postgresUrl = (user: string, of: string, name: string) =>
    `postgres://${user}:${ofDatabase[of]}@${database}:${databasePort}/${name}`;
  const opsToken = password();
  const callbackSecret = `whsec_${randomBytes(32).toString('base64')}`;

  const apps = [...new Set<AppName>([...deployed, ...stored])].map((app) => {
    const values: Values = { OPS_TOKEN: opsToken };
    const user = `${userPrefix}${app}:${ofBroker[app]}`;
    if (deployed.includes(app)) values.AMQP_URL = amqpUrl(user);
    if (stored.includes(app))
      values.POSTGRES_URL = postgresUrl(databaseOf(app), app, databaseOf(app));
    if (app === window) values.AMQP_MANAGEMENT_URL = managementUrl(user);
    if (app === 'payments') values.GATEWAY_CALLBACK_SECRET = callbackSecret;
    if (app === gateway) values.CALLBACK_SECRET = callbackSecret;
    return secret(app, values);
  });
  const migrations: Values = { POSTGRES_URL: postgresUrl(migrator, 'migrations', 'postgres') };
  if (isLocal) migrations.POSTGRES_SERVICE_PASSWORD = common;
  const all = [...apps, secret('migrations', migrations)];
  if (isLocal) return [...all, ...localSecrets(ofBroker, ofDatabase)];
  const users = Object.entries(ofBroker).map(([party, one]) =>
    credentials(`${broker}-${party}`, userPrefix + party, one),
  );
  const roles = Object.entries(ofDatabase).map(([of, one]) =>
    credentials(`database-${of}`, of === 'migrations' ? migrator : databaseOf(of as AppName), one),
  );
  return [...all, ...users, ...roles];
}

/** Of servers that no operator makes: their administrators, and the topology Job. */
function localSecrets(ofBroker: Values, ofDatabase: Values): Kinds['Secret'][] {
  const administrator = password();
  const parties = Object.entries(ofBroker).filter(([party]) => party !== scaler);
  const passwords = parties.map(([party, one]) => [
    `AMQP_PASSWORD_${party.toUpperCase().replaceAll('-', '_')}`,
    one,
  ]);
  const user = `administrator:${administrator}`;
  return [
    secret('topology', {
      AMQP_URL: amqpUrl(user),
      AMQP_MANAGEMENT_URL: managementUrl(user),
      ...(Object.fromEntries(passwords) as Values),
    }),
    secret('broker-server', {
      RABBITMQ_DEFAULT_USER: 'administrator',
      RABBITMQ_DEFAULT_PASS: administrator,
      RABBITMQ_ERLANG_COOKIE: password(),
    }),
    secret('postgres', {
      POSTGRES_USER: migrator,
      POSTGRES_PASSWORD: ofDatabase.migrations ?? '',
      POSTGRES_DB: 'postgres',
    }),
  ];
}

/** Every node, so that connections spread and move on. */
function amqpUrl(user: string): string {
  const nodes = Array.from(
    { length: brokerReplicas },
    (_, index) => `${broker}-server-${index}.${broker}-nodes:${amqpPort}`,
  );
  return `amqp://${user}@${nodes.join(',')}`;
}

function managementUrl(user: string): string {
  return `http://${user}@${broker}:${managementPort}`;
}

function secret(name: string, stringData: Values): Kinds['Secret'] {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name }, stringData };
}

function credentials(name: string, username: string, one: string): Kinds['Secret'] {
  const type = 'kubernetes.io/basic-auth';
  return { ...secret(name, { username, password: one }), type };
}

function password(): string {
  return randomBytes(24).toString('base64url');
}

function fill(names: readonly string[], one: () => string): Values {
  return Object.fromEntries(names.map((name) => [name, one()]));
}

import { appNames, apps, services, window, type AppName } from '../../apps/services';

const partOf = 'tradepost';
export const namespace = 'tradepost';
/** Where the Secret of an app is in its container, a file for each key. */
export const secretsFolder = '/run/secrets/tradepost';

export const broker = 'broker';
export const brokerReplicas = 3;
export const amqpPort = 5672;
export const managementPort = 15_672;
/** Of the primary, by the name that CloudNativePG gives it. */
export const database = 'postgres-rw';
export const databasePort = 5432;

/** As whom databases are made and migrated. */
export const migrator = 'tradepost_migrations';

export const stored: readonly AppName[] = appNames.filter(
  (name) => apps[name].migrations.length > 0,
);
/** The shop: each tells, hears or looks at something at the broker. */
export const deployed: readonly AppName[] = [...services, window];
export const watched: readonly AppName[] = services;

/** `log-sink`: tradepost_log_sink, its database and its role. */
export function databaseOf(app: AppName): string {
  return `tradepost_${app.replaceAll('-', '_')}`;
}

export function labelsOf(name: string): Record<string, string> {
  return { 'app.kubernetes.io/name': name, 'app.kubernetes.io/part-of': partOf };
}

/** Pods, by their names. */
export function podsOf(...names: string[]) {
  const [name, ...more] = names;
  if (name !== undefined && more.length === 0) {
    return { matchLabels: { 'app.kubernetes.io/name': name } };
  }
  const oneOf = { key: 'app.kubernetes.io/name', operator: 'In', values: names };
  return { matchExpressions: [oneOf] };
}

/** Who runs as the database is labelled so: whatever runs it has names of its own. */
export const databasePods = { matchLabels: { 'tradepost/role': 'database' } };

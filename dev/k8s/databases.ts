import type { AppName } from '../../apps/services';
import type { Kinds } from './kinds';
import { databaseOf, migrator } from './names';

/** The app's own, owned by who migrates: its role may use what is in it, and change none of it. */
export function databaseResource(app: AppName): Kinds['Database'] {
  return {
    apiVersion: 'postgresql.cnpg.io/v1',
    kind: 'Database',
    metadata: { name: app },
    spec: {
      name: databaseOf(app),
      owner: migrator,
      cluster: { name: 'postgres' },
      databaseReclaimPolicy: 'retain',
      // As `npm run migrate` makes one: texts sort by their code points. No template: Kustomize
      // takes that for a Pod's.
      encoding: 'UTF8',
      localeProvider: 'libc',
      locale: 'C',
    },
  };
}

/** For the Cluster's `managed.roles`, which Kustomize merges into what is written by hand. */
export function rolesPatch(apps: readonly AppName[]) {
  const roles = [
    { name: migrator, passwordSecret: { name: 'database-migrations' } },
    ...apps.map((app) => {
      return { name: databaseOf(app), passwordSecret: { name: `database-${app}` } };
    }),
  ];
  return {
    apiVersion: 'postgresql.cnpg.io/v1',
    kind: 'Cluster',
    metadata: { name: 'postgres' },
    spec: {
      managed: { roles: roles.map((role) => ({ ensure: 'present', login: true, ...role })) },
    },
  };
}

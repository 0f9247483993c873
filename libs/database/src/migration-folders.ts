const messaging = 'libs/messaging/migrations';
const sandbox = 'libs/sandbox/migrations';

/** Apps whose database has other tables than the broker's and their own. */
const others: Record<string, string[]> = {
  // The sandbox's come last: they take over a table that payments made once.
  'sandbox-gateway': [sandbox, 'apps/sandbox-gateway/migrations'],
  payments: [messaging, 'apps/payments/migrations', sandbox],
};

/** The folders that make an app's database, in their order, from the repository's folder on. */
export function migrationFolders(app: string): string[] {
  return others[app] ?? [messaging, `apps/${app}/migrations`];
}

/** What a shop is made of, apart from all that it takes to run it. */
export const services = ['orders', 'users', 'financial', 'payments', 'log-sink'] as const;

export type Service = (typeof services)[number];

const messaging = 'libs/messaging/migrations';
const books = 'apps/sandbox-gateway/migrations/books';

/** Apps whose database has other tables than messaging's and their own. */
const others: Record<string, string[]> = {
  // The books come last: they take over a table that payments made once.
  'sandbox-gateway': [books, 'apps/sandbox-gateway/migrations'],
  payments: [messaging, 'apps/payments/migrations', books],
};

/** The folders that make an app's database, in their order, from the repository's folder on. */
export function migrationFolders(app: string): string[] {
  return others[app] ?? [messaging, `apps/${app}/migrations`];
}

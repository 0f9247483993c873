/** What a token may permit. `ops` is for who runs the shop. */
export const scopes = [
  'orders:write',
  'orders:read',
  'payments:read',
  'ledger:read',
  'users:read',
  'users:write',
  'logs:read',
  'webhooks:manage',
  'ops',
] as const;

export type ScopeName = (typeof scopes)[number];

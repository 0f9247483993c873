import type { ScopeName } from '@tradepost/service';

/** Programs that get tokens of their own, and what each may do. */
export const clients = {
  /** Reads everything, acts for operators, and places orders for who tries the shop. */
  console: [
    'orders:write',
    'orders:read',
    'payments:read',
    'ledger:read',
    'users:read',
    'logs:read',
    'ops',
  ],
  /** `npm run audit`, `npm run traffic` and their like. */
  commands: [
    'orders:write',
    'orders:read',
    'payments:read',
    'ledger:read',
    'users:read',
    'logs:read',
    'webhooks:manage',
    'ops',
  ],
} as const satisfies Record<string, readonly ScopeName[]>;

export type ClientName = keyof typeof clients;

export const clientNames = Object.keys(clients) as ClientName[];

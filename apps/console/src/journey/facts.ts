import type { Step } from '@tradepost/messaging/ops';
import type { DeadLetter } from '../api/dead-letters';
import type { LedgerEntry } from '../api/ledger';
import type { LogEntry } from '../api/logs';
import type { OrderDetails, Payment } from '../api/orders';
import type { DeclaredHandler } from '../live/report';

/** All that is known of an order, of whoever knows it. */
export interface JourneyFacts {
  order: OrderDetails;
  payments: Payment[];
  entries: LedgerEntry[];
  logs: LogEntry[];
  deadLetters: DeadLetter[];
  steps: Step[];
  traceIds: string[];
  handlers: (DeclaredHandler & { service: string })[];
  /** How long a failed message waits in each retry tier. */
  tierMs: Readonly<Record<string, number>>;
  missing: string[];
}

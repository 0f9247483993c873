import type { DeadLetter, LedgerEntry, LogEntry, OrderDetails, Payment, Step } from '../api';
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
  missing: string[];
}

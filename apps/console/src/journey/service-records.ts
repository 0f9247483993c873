import type { LogEntry } from '../api/logs';
import type { JourneyFacts } from './facts';
import { cancelledAt, cancelRequested, hopId, isOpenedCancelled, partsOf } from './order-messages';
import type { Recorded } from './recorded';

/** What orders, payments and financial keep, each record as the hop that wrote it. */
export function serviceRecords(facts: JourneyFacts): Recorded[] {
  return [...ofTimeline(facts), ...ofPayments(facts), ...ofAttempts(facts), ...ofEntries(facts)];
}

function ofTimeline({ order, logs }: JourneyFacts): Recorded[] {
  const { timeline, status: _, ...placed } = order;
  return timeline.map((entry, index): Recorded => {
    const { state, at, cause } = entry;
    const record = { what: 'timeline entry', value: entry };
    const common = {
      id: hopId.timeline(index),
      at: Date.parse(at),
      outcome: 'ok' as const,
      service: 'orders',
      ...told(logs, 'order advanced', { state, cause }),
      records: [record],
    };
    const [name] = partsOf(cause);
    const words = state.replaceAll('_', ' ');
    if (name === 'order-placed') {
      const http = { kind: 'http' as const, route: 'POST /v1/orders', status: 201 };
      return { ...common, ...http, note: 'placed', records: [{ what: 'order', value: placed }] };
    }
    if (name === cancelRequested) {
      const http = { kind: 'http' as const, route: 'POST /v1/orders/:id/cancel', status: 200 };
      return { ...common, ...http, note: words };
    }
    const note = `${words} (${cause})`;
    // The sweep gave up asking who buys: no message came.
    if (name === 'confirmation-expired') return { ...common, note };
    const queue = name.startsWith('customer-') ? 'orders.confirm-order' : `orders.${name}`;
    return { ...common, queue, note };
  });
}

/** Opened when the sale came; cancelled when the cancellation came. */
function ofPayments({ payments }: JourneyFacts): Recorded[] {
  return payments.flatMap((payment): Recorded[] => {
    const { attempts: _, ...value } = payment;
    const common = {
      outcome: 'ok' as const,
      service: 'payments',
      records: [{ what: 'payment', value }],
    };
    const cancelled = cancelledAt(payment);
    const opened = isOpenedCancelled(payment)
      ? 'payment opened, cancelled already'
      : 'payment opened';
    return [
      {
        ...common,
        id: hopId.payment(payment.id),
        at: Date.parse(payment.createdAt),
        queue: 'payments.sale-finalized',
        note: opened,
      },
      ...(cancelled === undefined
        ? []
        : [
            {
              ...common,
              id: hopId.cancelledPayment(payment.id),
              at: Date.parse(cancelled),
              queue: 'payments.order-cancelled',
              note: `payment ${payment.status.replaceAll('_', ' ')}`,
            },
          ]),
    ];
  });
}

const attemptOutcomes: Record<string, { outcome: Recorded['outcome']; note: string }> = {
  approved: { outcome: 'ok', note: 'approved' },
  declined: { outcome: 'ok', note: 'declined' },
  pending: { outcome: 'ok', note: 'pending at the gateway' },
  nothing_taken: { outcome: 'ok', note: 'nothing had been taken' },
  timed_out: { outcome: 'retried', note: 'the gateway timed out' },
  unavailable: { outcome: 'retried', note: 'the gateway was unavailable' },
};

function ofAttempts({ payments, logs }: JourneyFacts): Recorded[] {
  return payments.flatMap(({ id, attempts, amount, currency }) => {
    const first = attempts.find(({ operation }) => operation === 'charge');
    return attempts.map((attempt): Recorded => {
      const { number, operation, outcome, worker, at } = attempt;
      const { note = outcome, ...how } = attemptOutcomes[outcome] ?? { outcome: 'ok' as const };
      const what = operation === 'refund' ? 'refunded' : 'captured';
      const line = { approved: 'payment captured', declined: 'payment declined' }[outcome];
      return {
        ...how,
        id: hopId.attempt(id, number),
        at: Date.parse(at),
        service: 'payments',
        queue: operation === 'refund' ? 'payments.refund-payment' : 'payments.charge-payment',
        instance: worker,
        note: `${operation} ${note}, by worker ${worker}`,
        records: [{ what: 'attempt', value: attempt }],
        // A later outcome may have come by a callback of the gateway, or been found by a check.
        ...(operation === 'charge' && attempt !== first && { isTryOnly: true }),
        ...(operation === 'charge' && line && told(logs, line, { paymentId: id })),
        ...(outcome === 'approved' && { money: { what, amount, currency } }),
      };
    });
  });
}

/** Where financial books an entry of a kind: the first that has it. */
const bookedBy: Record<string, string> = {
  sale: 'financial.sale-finalized',
  settlement: 'financial.payment-captured',
  reversal: 'financial.payment-declined',
  refund: 'financial.payment-refunded',
  reinstatement: 'financial.payment-captured',
};

function ofEntries({ entries, order, logs }: JourneyFacts): Recorded[] {
  const cancel = order.timeline.find(({ cause }) => partsOf(cause)[0] === cancelRequested);
  const sale = entries.find(({ kind }) => kind === 'sale');
  const queueOf = (kind: string, at: string): string | undefined => {
    if (kind !== 'reversal') return bookedBy[kind];
    // A sale that comes after its cancellation is reversed where it is booked.
    if (at === sale?.bookedAt) return bookedBy.sale;
    const isCancelled = cancel !== undefined && Date.parse(cancel.at) <= Date.parse(at);
    return isCancelled ? 'financial.order-cancelled' : bookedBy.reversal;
  };
  return entries.map((entry): Recorded => {
    const { id, kind, postings, bookedAt, currency } = entry;
    const amount = postings.reduce((sum, { debit = 0 }) => sum + debit, 0);
    return {
      id: hopId.entry(id),
      at: Date.parse(bookedAt),
      outcome: 'ok',
      service: 'financial',
      queue: queueOf(kind, bookedAt),
      note: `${kind} booked`,
      money: { what: kind, amount, currency },
      records: [{ what: 'ledger entry', value: entry }],
      ...(kind === 'sale' && told(logs, 'sale booked', { transactionId: id })),
    };
  });
}

/** The trace of the line that says this with these fields, and the line. */
function told(
  logs: readonly LogEntry[],
  message: string,
  fields: Record<string, string>,
): Pick<Recorded, 'traceId' | 'lines'> {
  const line = logs.find(
    ({ message: said, data }) =>
      said === message && Object.entries(fields).every(([name, value]) => data?.[name] === value),
  );
  if (line === undefined) return {};
  return { lines: [line.id], ...(line.traceId !== null && { traceId: line.traceId }) };
}

import type { Hop } from '../api/journey';
import type { LogEntry } from '../api/logs';
import type { JourneyFacts } from './facts';

type Recorded = Pick<Hop, 'id' | 'at' | 'outcome'> & Partial<Hop>;

/** Where financial books an entry of a kind: the first that has it. */
const bookedAt: Record<string, string> = {
  sale: 'financial.sale-finalized',
  settlement: 'financial.payment-captured',
  reversal: 'financial.payment-declined',
  refund: 'financial.payment-refunded',
  reinstatement: 'financial.payment-captured',
};

/** What services keep of an order, as steps: some facts lack, such as how long they took. */
export function recordedHops(facts: JourneyFacts): Hop[] {
  const all = [
    ...ofTimeline(facts),
    ...ofPayments(facts),
    ...ofEntries(facts),
    ...ofLogs(facts.logs),
  ];
  return all.map((hop) => complete(hop, facts));
}

function complete(hop: Recorded, { handlers, traceIds }: JourneyFacts): Hop {
  const handler = handlers.find(({ queue }) => queue === hop.queue);
  const service = hop.service ?? hop.queue?.split('.')[0] ?? 'orders';
  return {
    traceId: traceIds[0] ?? '',
    kind: 'handled',
    instance: '',
    tookMs: 0,
    ...hop,
    service,
    ...(handler && {
      handler: handler.name,
      pattern: handler.pattern,
      contract: handler.contract,
      exchange: handler.bindings[0]?.exchange,
    }),
    source: 'recorded',
  };
}

function ofTimeline({ order }: JourneyFacts): Recorded[] {
  return order.timeline.map(({ state, at, cause }, index) => {
    const [name = ''] = cause.split(':', 1);
    const common = { id: `timeline ${index}`, at: Date.parse(at), outcome: 'ok' as const };
    if (name === 'order-placed') {
      const http = { kind: 'http' as const, route: 'POST /v1/orders', status: 201 };
      return { ...common, ...http, service: 'orders', note: 'placed' };
    }
    if (name === 'order-cancelled' || name === 'customer-cancelled' || state === 'cancel_pending') {
      const http = { kind: 'http' as const, route: 'POST /v1/orders/:id/cancel', status: 200 };
      return { ...common, ...http, service: 'orders', note: state };
    }
    const queue = name.startsWith('customer-') ? 'orders.confirm-order' : `orders.${name}`;
    return { ...common, queue, note: `${state.replaceAll('_', ' ')} (${cause})` };
  });
}

const attemptOutcomes: Record<string, { outcome: Hop['outcome']; note: string }> = {
  approved: { outcome: 'ok', note: 'approved' },
  declined: { outcome: 'ok', note: 'declined' },
  pending: { outcome: 'ok', note: 'pending at the gateway' },
  nothing_taken: { outcome: 'ok', note: 'nothing had been taken' },
  timed_out: { outcome: 'retried', note: 'the gateway timed out' },
  unavailable: { outcome: 'retried', note: 'the gateway was unavailable' },
};

function ofPayments({ payments }: JourneyFacts): Recorded[] {
  return payments.flatMap(({ id, attempts, amount, currency }) => {
    const counts = new Map<unknown, number>();
    return attempts.map(({ number, outcome, worker, at, operation = 'charge' }) => {
      const attempt = (counts.get(operation) ?? 0) + 1;
      counts.set(operation, attempt);
      const { note = outcome, ...how } = attemptOutcomes[outcome] ?? { outcome: 'ok' as const };
      const isMoved = outcome === 'approved';
      const what = operation === 'refund' ? 'refunded' : 'captured';
      return {
        ...how,
        id: `payment ${id} ${number}`,
        at: Date.parse(at),
        queue: operation === 'refund' ? 'payments.refund-payment' : 'payments.charge-payment',
        attempt,
        instance: worker,
        note: `${String(operation)} ${note}, by worker ${worker}`,
        ...(isMoved && { money: { what, amount, currency } }),
      };
    });
  });
}

function ofEntries({ entries, order }: JourneyFacts): Recorded[] {
  return entries.map(({ id, kind, postings, bookedAt: at, currency }) => {
    const amount = postings.reduce((sum, { debit = 0 }) => sum + debit, 0);
    const isCancelled = order.timeline.some(({ cause }) => cause.startsWith('order-cancelled'));
    const queue = kind === 'reversal' && isCancelled ? 'financial.order-cancelled' : bookedAt[kind];
    return {
      id: `entry ${id}`,
      at: Date.parse(at),
      outcome: 'ok' as const,
      service: 'financial',
      queue,
      note: `${kind} booked`,
      money: { what: kind, amount, currency },
    };
  });
}

const failures: Record<string, Hop['outcome']> = {
  'message failed': 'retried',
  'message dead-lettered': 'dead',
};

/** What went wrong is in no record but the log. */
function ofLogs(logs: LogEntry[]): Recorded[] {
  return logs.flatMap(({ id, time, message, service, traceId, data }): Recorded[] => {
    const outcome = failures[message];
    if (outcome === undefined || data === null) return [];
    const text = (name: string) => {
      const value = data[name];
      return typeof value === 'string' ? value : undefined;
    };
    const attempt = Number(data.attempt ?? data.attempts ?? 1);
    const [code = '', ...rest] = (text('error') ?? '').split(': ');
    const error = outcome === 'dead' ? text('error') : rest.join(': ');
    return [
      {
        id: `log ${id}`,
        at: Date.parse(time),
        outcome,
        service,
        ...(traceId !== null && { traceId }),
        queue: text('queue'),
        messageId: text('messageId'),
        attempt,
        retryTier: text('nextAfter'),
        error: { code: text('code') ?? code, message: error ?? '' },
      },
    ];
  });
}

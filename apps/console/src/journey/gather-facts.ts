import { Injectable } from '@nestjs/common';
import type { DeadLetter } from '../api/dead-letters';
import type { LogEntry } from '../api/logs';
import type { OrderDetails, Payment } from '../api/orders';
import { ReadDeadLetters } from '../dead-letters/read-dead-letters';
import { retryTiers } from '../flow/retry-tiers';
import { Topologies } from '../flow/topologies';
import { ReadLedger } from '../ledger/read-ledger';
import { Services } from '../upstream/services';
import type { JourneyFacts } from './facts';
import { StepStore } from './step-store';

const timeoutMs = 4_000;
const logsMax = 500;
const pageMax = 100;
/** Flows of an order: it was placed in one, cancelled in another. */
const tracesMax = 6;

interface Page<T> {
  items: T[];
  nextCursor: string | null;
}

export interface DeadLettersOfOrder {
  items: DeadLetter[];
  missing: string[];
}

/** Asks everybody who may know something of an order. */
@Injectable()
export class GatherFacts {
  constructor(
    private readonly services: Services,
    private readonly ledger: ReadLedger,
    private readonly deadLetters: ReadDeadLetters,
    private readonly topologies: Topologies,
    private readonly steps: StepStore,
  ) {}

  /**
   * @param known dead letters that were read a moment ago: reading them is work for the broker
   * @throws Problem 404 for an order that there is not, 503 when orders does not answer
   */
  async run(orderId: string, known?: DeadLettersOfOrder): Promise<JourneyFacts> {
    const id = encodeURIComponent(orderId);
    const call = { timeoutMs };
    const order = await this.orderOf(orderId);
    const missing = new Set<string>();
    const or = async <T>(service: string, asking: Promise<T>, otherwise: T): Promise<T> =>
      asking.catch(() => {
        missing.add(service);
        return otherwise;
      });
    const payments = this.services.ask<Page<Payment>>(
      'payments',
      `/v1/payments?orderId=${id}`,
      call,
    );
    const dead = known ?? this.deadLettersOf(order.id, payments);
    const nobody: DeadLettersOfOrder = { items: [], missing: [] };
    const [paid, entries, logs, deadLetters] = await Promise.all([
      or('payments', payments, { items: [], nextCursor: null }),
      or('financial', this.ledger.entries(order.id), []),
      or('log-sink', this.logsOf(order.id), []),
      or('', Promise.resolve(dead), nobody),
      this.topologies.known.length === 0 ? this.topologies.poll() : undefined,
    ]);
    for (const name of deadLetters.missing) missing.add(name);
    const traceIds = tracesIn(order.id, this.steps, logs, deadLetters.items);
    const handlers = this.topologies.known.flatMap(({ service, handlers: own }) =>
      own.map((handler) => ({ ...handler, service })),
    );
    return {
      order,
      payments: paid.items,
      entries,
      logs,
      deadLetters: deadLetters.items,
      steps: this.steps.of(order.id, traceIds),
      traceIds,
      handlers,
      tierMs: retryTiers(this.topologies.known),
      missing: [...missing].filter((name) => name !== ''),
    };
  }

  /** @throws Problem 404 for an order that there is not, 503 when orders does not answer */
  async orderOf(orderId: string): Promise<OrderDetails> {
    const path = `/v1/orders/${encodeURIComponent(orderId)}`;
    return this.services.ask<OrderDetails>('orders', path, { timeoutMs });
  }

  /** Those that name the order, or its payment where that has not come to a good end. */
  private async deadLettersOf(
    orderId: string,
    payments: Promise<Page<Payment>>,
  ): Promise<DeadLettersOfOrder> {
    const { items } = await payments.catch(() => ({ items: [] as Payment[] }));
    const open = items.filter(({ status }) => status !== 'captured' && status !== 'refunded');
    const ids = [orderId, ...open.map(({ id }) => id)];
    const found = await Promise.all(ids.map(async (id) => this.deadLetters.about(id)));
    const letters = found.flatMap((one) => one.items);
    const once = new Map(letters.map((letter) => [`${letter.queue} ${letter.id}`, letter]));
    return { items: [...once.values()], missing: found.flatMap(({ missing }) => missing) };
  }

  /** Lines that name the order, and those of its flows, which may not. Oldest first. */
  private async logsOf(orderId: string): Promise<LogEntry[]> {
    const about = await this.lines({ 'field.orderId': orderId });
    const traces = new Set([
      ...this.steps.tracesOf(orderId),
      ...about.flatMap(({ traceId }) => traceId ?? []),
    ]);
    const of = [...traces].slice(0, tracesMax).map(async (traceId) => this.lines({ traceId }));
    const all = [about, ...(await Promise.all(of))].flat();
    // A sweep's flow is about many orders.
    const own = all.filter(({ data }) => [undefined, orderId].includes(data?.orderId as undefined));
    const once = new Map(own.map((entry) => [entry.id, entry]));
    return [...once.values()].sort((a, b) => a.time.localeCompare(b.time)).slice(0, logsMax);
  }

  private async lines(filter: Record<string, string>): Promise<LogEntry[]> {
    const lines: LogEntry[] = [];
    let cursor: string | null = null;
    do {
      const params = new URLSearchParams({ ...filter, limit: `${pageMax}` });
      if (cursor !== null) params.set('cursor', cursor);
      const path = `/v1/logs?${params.toString()}`;
      const page: Page<LogEntry> = await this.services.ask('log-sink', path, { timeoutMs });
      lines.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor !== null && lines.length < logsMax);
    return lines;
  }
}

/** The flow that placed it first. */
function tracesIn(
  orderId: string,
  steps: StepStore,
  logs: readonly LogEntry[],
  deadLetters: readonly DeadLetter[],
): string[] {
  const told = logs.flatMap(({ traceId, data }) =>
    traceId !== null && data?.orderId === orderId ? [traceId] : [],
  );
  const dead = deadLetters.flatMap(({ traceId }) => traceId ?? []);
  return [...new Set([...told, ...steps.tracesOf(orderId), ...dead])].slice(0, tracesMax);
}

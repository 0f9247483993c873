import type { OutboxRow } from '../outbox/outbox-row';
import { SentCounts } from './sent-counts';
import { sentAt } from './sent-at';
import { Steps } from './steps';

/** What a process does with messages, counted, and told to who watches. */
export class Observed {
  readonly counts = new SentCounts();
  readonly steps: Steps;

  constructor(service: string) {
    this.steps = new Steps(service);
  }

  /** The broker has confirmed a row of the outbox. */
  sent(row: OutboxRow): void {
    const { exchange, routing_key: routingKey, type } = row;
    this.counts.add(exchange, routingKey, type, row.is_bundle ? linesOf(row.body) : 1);
    if (this.steps.isWatched) this.tellSent(row);
  }

  private tellSent(row: OutboxRow): void {
    const now = performance.timeOrigin + performance.now();
    for (const { id, traceparent, body } of messagesOf(row)) {
      const at = sentAt({ id, timestamp: row.created_at }) ?? now;
      const isWork = row.exchange === '';
      this.steps.tell(traceparent, (traceId) => ({
        traceId,
        kind: 'sent',
        at,
        tookMs: Math.max(0, now - at),
        messageId: id,
        contract: row.type,
        pattern: isWork ? 'work' : 'fanout',
        exchange: isWork ? undefined : row.exchange,
        queue: isWork ? row.routing_key : undefined,
        outcome: 'ok',
        body,
      }));
    }
  }
}

interface SentMessage {
  id: string;
  traceparent?: string;
  body: unknown;
}

function messagesOf({ id, traceparent, body, is_bundle: isBundle }: OutboxRow): SentMessage[] {
  if (!isBundle) return [{ id, traceparent: traceparent ?? undefined, body: JSON.parse(body) }];
  return body.split('\n').map((line) => {
    const { data, ...event } = JSON.parse(line) as Omit<SentMessage, 'body'> & { data: unknown };
    return { ...event, body: data };
  });
}

function linesOf(text: string): number {
  let count = 1;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}

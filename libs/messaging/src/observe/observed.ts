import { queueOf, type OutboxRow } from '../outbox/outbox-row';
import { OperationTimes } from './operation-times';
import { SentCounts } from './sent-counts';
import { sentAt } from './sent-at';
import { Steps, traceIdOf } from './steps';

/** What a process does with messages, counted, and told to who watches. */
export class Observed {
  readonly counts = new SentCounts();
  readonly publishing = new OperationTimes();
  readonly asking = new OperationTimes();
  readonly steps: Steps;

  constructor(service: string) {
    this.steps = new Steps(service);
  }

  /** The broker has confirmed a row of the outbox. */
  sent(row: OutboxRow): void {
    const queue = queueOf(row);
    const exchange = queue === undefined ? row.exchange : '';
    this.counts.add(exchange, queue ?? '', row.type, row.is_bundle ? linesOf(row.body) : 1);
    if (this.steps.isWatched) this.tellSent(row);
  }

  private tellSent(row: OutboxRow): void {
    const now = performance.timeOrigin + performance.now();
    for (const [traceparent, text] of textsOf(row)) {
      // Read only of what is told: most of it is not where there is much.
      if (!this.steps.wants(traceparent)) continue;
      const { id, body } = messageOf(row, text);
      const at = sentAt({ id, timestamp: row.created_at }) ?? now;
      const queue = queueOf(row);
      this.steps.add({
        traceId: traceIdOf(traceparent),
        kind: 'sent',
        at,
        tookMs: Math.max(0, now - at),
        messageId: id,
        contract: row.type,
        pattern: queue === undefined ? 'fanout' : 'work',
        exchange: queue === undefined ? row.exchange : undefined,
        queue,
        outcome: 'ok',
        body,
      });
    }
  }
}

const traceparentPattern = /"traceparent":"(00-[\da-f]{32}-[\da-f]{16}-[\da-f]{2})"/;

/** The texts of a row's messages, with their traces. */
function textsOf(row: OutboxRow): [traceparent: string | undefined, text: string][] {
  const { traceparent, body, is_bundle: isBundle } = row;
  if (!isBundle) return [[traceparent ?? undefined, body]];
  // Its own attributes come before what the body may say.
  return body.split('\n').map((line) => [traceparentPattern.exec(line)?.[1], line]);
}

function messageOf({ id, is_bundle: isBundle }: OutboxRow, text: string) {
  if (!isBundle) return { id, body: JSON.parse(text) as unknown };
  const event = JSON.parse(text) as { id: string; data: unknown };
  return { id: event.id, body: event.data };
}

function linesOf(text: string): number {
  let count = 1;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}

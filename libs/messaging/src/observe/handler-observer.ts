import { errorCode, type Fate } from '../consume/failures';
import type { Wiring } from '../handlers/handler';
import type { Message } from '../message';
import { isAbsorbed } from '../outbox/inbox';
import { CallTimes } from './call-times';
import { Histogram } from './histogram';
import { byError, ErrorCounts } from './operation-times';
import { sentAt } from './sent-at';
import { Steps, type Seen } from './steps';

/** When a call began, as `performance.now()`, how long it took, and how many messages it had. */
export interface Call {
  began: number;
  tookMs: number;
  batch: number;
}

const batchBounds = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];

/** Counts what a handler does, and tells it to who watches. */
export class HandlerObserver {
  /** Since the start of the process; a copy that was absorbed is handled too. */
  handled = 0;
  absorbed = 0;
  /** Deliveries that the broker has made before; a bundle is one. */
  redelivered = 0;
  /** Questions whose caller had given up. */
  expired = 0;
  readonly retries = new ErrorCounts();
  readonly deadLetters = new ErrorCounts();
  /** Of questions that were refused. */
  readonly refusals = new ErrorCounts();
  /** Seconds of each call. */
  readonly calls = byError();
  /** Messages of each call. */
  readonly batches = new Histogram(batchBounds);
  readonly times = new CallTimes();
  private last?: { message: Message; began: number };

  constructor(
    private readonly wiring: Wiring,
    private readonly steps: Steps = new Steps(''),
  ) {}

  /** How long the first message of the last call had waited since it was sent, if that is known. */
  get waitedMs(): number | null {
    if (this.last === undefined) return null;
    return waited(this.last.message, this.last.began) ?? null;
  }

  /** @param error of the call as a whole */
  called(messages: readonly { message: Message }[], began: number, error?: Error): Call {
    const now = performance.now();
    const tookMs = now - began;
    this.times.add(tookMs, now);
    this.calls.of(error === undefined ? '' : errorCode(error)).add(tookMs / 1_000);
    this.batches.add(messages.length);
    const [first] = messages;
    if (first !== undefined) this.last = { message: first.message, began };
    return { began, tookMs, batch: messages.length };
  }

  done(message: Message, body: object, call: Call): void {
    this.handled += 1;
    const isCopy = isAbsorbed(message);
    if (isCopy) this.absorbed += 1;
    if (!this.steps.isWatched) return;
    this.tell(message, body, call, { outcome: isCopy ? 'absorbed' : 'ok' });
  }

  /** @param call undefined: it was refused before its handler had it */
  failed(message: Message, body: object | undefined, error: Error, fate: Fate, call?: Call): void {
    if (fate.outcome === 'retried') this.retries.add(fate.code);
    if (fate.outcome === 'dead') this.deadLetters.add(fate.code);
    if (!this.steps.isWatched) return;
    const { outcome, tier: retryTier, code } = fate;
    const own = call ?? { began: performance.now(), tookMs: 0, batch: 1 };
    this.tell(message, body, own, { outcome, retryTier, error: { code, message: error.message } });
  }

  /** A question that its handler has not had. */
  refused(code = ''): void {
    this.handled += 1;
    this.refusals.add(code);
  }

  answered(message: Message, body: object, call: Call, refusal?: string): void {
    this.handled += 1;
    if (refusal !== undefined) this.refusals.add(refusal);
    if (!this.steps.isWatched) return;
    const error = refusal === undefined ? undefined : { code: refusal, message: refusal };
    this.tell(message, body, call, { outcome: error ? 'refused' : 'answered', error });
  }

  private tell(message: Message, body: object | undefined, call: Call, more: Partial<Seen>): void {
    const { name: handler, kind: pattern, contract, bindings } = this.wiring;
    this.steps.tell(message.traceparent, (traceId) => ({
      traceId,
      kind: 'handled',
      at: performance.timeOrigin + call.began,
      tookMs: call.tookMs,
      batch: call.batch,
      messageId: message.id,
      contract: contract?.name ?? message.type,
      pattern,
      exchange: bindings[0]?.exchange,
      queue: message.queue,
      handler,
      attempt: message.attempt,
      attemptsMax: message.attemptsMax,
      redelivered: message.redelivered,
      waitedMs: waited(message, call.began),
      outcome: 'ok',
      body,
      ...more,
    }));
  }
}

function waited(message: Message, began: number): number | undefined {
  const sent = sentAt(message);
  return sent && Math.max(0, performance.timeOrigin + began - sent);
}

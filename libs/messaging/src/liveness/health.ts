import { Inject, Injectable } from '@nestjs/common';
import type { Engine } from '../engine';
import type { Consumer } from '../consume/consumer';
import { serviceDatabase, type Database } from '../outbox/database';
import { asError } from '../errors';
import { bounded } from '../time';
import { QueueInspector, type QueueView } from './queue-inspector';
import { countHeldOf, type HeldCount } from '../ordered/held-figures';
import { outboxLag } from '../outbox/outbox';
import { messagingOptions, type MessagingOptions } from '../messaging-options';
import { Runtime } from '../runtime';

export interface MessagingState {
  ok: boolean;
  /** What is wrong, a sentence each. */
  problems: string[];
  /** The nodes that its connections lead to, `host:port`. */
  nodes: string[];
}

/** What an operator wants to know though the service works. Null: could not be found out. */
export interface MessagingFigures {
  /** How long the oldest unsent message has waited, in seconds; 0 when none waits. */
  outboxLagSeconds: number | null;
  /** Messages in each dead-letter queue that is not empty; null for a queue that is not there. */
  deadLetters: Record<string, number | null> | null;
  /** Messages that wait in the database, of queues that have some; null: it does not say. */
  held: Record<string, HeldCount> | null;
  /** Queues whose handler an operator has paused in this process. */
  paused: string[];
  /** Replies to rpc that came after their deadline, since the start. */
  lateReplies: number;
}

const answerTimeoutMs = 2_500;
const defaultHeldMaxMs = 60_000;

/** Whether this service's messaging works, by what it knows itself and by what the broker says. */
@Injectable()
export class MessagingHealth {
  private readonly inspector: QueueInspector;
  private lagging?: Promise<number>;
  private counting?: Promise<Record<string, HeldCount>>;

  constructor(
    @Inject(Runtime) private readonly runtime: Engine,
    @Inject(serviceDatabase) private readonly db: Database | undefined,
    @Inject(messagingOptions) private readonly options: Pick<MessagingOptions, 'heldMaxMs'>,
  ) {
    const handlers = () => runtime.consumers.map(({ handler }) => handler);
    this.inspector = new QueueInspector(runtime.consuming, handlers);
  }

  /**
   * Not ok when the links are down or blocked, a consumer does not consume, a queue has no consumer
   * at all, or a handler has had a message for longer than the bound. Answers within 3 s, whatever
   * the broker does. That a consumer is ours and not another replica's is the supervisor's to
   * find out (`liveness/check-consumer.ts`): it takes up to 1.25 × `consumerCheckMs`.
   */
  async check(): Promise<MessagingState> {
    let problems = this.ownProblems();
    if (problems.length === 0) {
      const missing = bounded(this.missing(), answerTimeoutMs, 'the broker');
      problems = await missing.catch((error: unknown) => [asError(error).message]);
    }
    const { publishing, consuming } = this.runtime;
    const nodes = [publishing.node, consuming.node].filter((node) => node !== undefined);
    return { ok: problems.length === 0, problems, nodes: [...new Set(nodes)] };
  }

  /** Answers within 3 s, whatever broker and database do. */
  async figures(): Promise<MessagingFigures> {
    const [outboxLagSeconds, deadLetters, held] = await Promise.all([
      this.outboxLag(),
      this.deadLetters(),
      this.held(),
    ]);
    const { lateReplies } = this.runtime.rpc;
    return { outboxLagSeconds, deadLetters, held, paused: this.paused(), lateReplies };
  }

  /**
   * How long the oldest unsent message has waited, in seconds; null when the database does not say.
   * One question at a time: one that does not answer must not be asked out of its pool.
   */
  async outboxLag(): Promise<number | null> {
    if (this.db === undefined) return 0;
    this.lagging ??= outboxLag(this.db).finally(() => (this.lagging = undefined));
    return bounded(this.lagging, answerTimeoutMs, 'the database').catch(() => null);
  }

  /**
   * Messages that wait in the database for one of their key, by the queues of handlers in order.
   * One question at a time, as of the outbox; it may take as long as the database does.
   * @throws what the database says
   */
  async countHeld(): Promise<Record<string, HeldCount>> {
    const { db } = this;
    const inOrder = this.runtime.handlers.filter(({ wiring }) => wiring.inOrder);
    if (db === undefined || inOrder.length === 0) return {};
    const queues = inOrder.map(({ wiring }) => wiring.queue);
    this.counting ??= countHeldOf(db, queues).finally(() => (this.counting = undefined));
    return this.counting;
  }

  private async held(): Promise<MessagingFigures['held']> {
    const counting = bounded(this.countHeld(), answerTimeoutMs, 'the database');
    const counts = await counting.catch(() => null);
    return counts && Object.fromEntries(Object.entries(counts).filter(([, one]) => one.waiting));
  }

  private paused(): string[] {
    const all = this.runtime.handlers;
    const paused = all.filter(({ consumers }) => consumers.some(({ isPaused }) => isPaused));
    return paused.map(({ wiring }) => wiring.queue);
  }

  /** @throws NoAnswer, or why the broker cannot be asked */
  async queues(): Promise<QueueView> {
    if (!this.runtime.consuming.isUp) throw new Error('not connected to the broker');
    return this.inspector.ask();
  }

  private ownProblems(): string[] {
    const { publishing, consuming, publisher, rpc, consumers } = this.runtime;
    const held = consumers.flatMap((consumer) => this.heldTooLong(consumer));
    if (!publishing.isUp || !consuming.isUp) return ['not connected to the broker', ...held];
    const { blocked } = publishing;
    if (blocked !== undefined) return [`blocked by the broker: ${blocked}`, ...held];
    const closed = [
      problemOf('publisher', publisher),
      publisher.problems,
      problemOf('rpc client', rpc),
      ...consumers.map((consumer) => problemOf(consumer.queue, consumer)),
    ];
    return [...closed.flat(), ...held];
  }

  private heldTooLong({ queue, handler, heldForMs }: Consumer): string[] {
    if (heldForMs <= (this.options.heldMaxMs ?? defaultHeldMaxMs)) return [];
    const seconds = Math.round(heldForMs / 1_000);
    return [`${queue}: ${handler.name} has had a message for ${seconds} s`];
  }

  private async missing(): Promise<string[]> {
    const { runtime } = this;
    const { consumers, problems, askedAt } = await this.inspector.ask();
    const uncounted = runtime.consumers.filter(({ queue }) => consumers.get(queue) === 0);
    // While it is checked a consumer is away for a moment, on purpose: how that ends decides.
    for (const one of uncounted) if (one.isBeingChecked) await one.check().catch(() => undefined);
    const missing = uncounted.filter(({ lastSeenAt, isPaused }) => {
      return !isPaused && lastSeenAt < askedAt;
    });
    if (missing.length > 0) runtime.supervisor.nudge();
    return [...missing.map(({ queue }) => `${queue}: the broker knows no consumer`), ...problems];
  }

  private async deadLetters(): Promise<MessagingFigures['deadLetters']> {
    if (!this.runtime.consuming.isUp) return null;
    const view = await this.inspector.ask().catch(() => undefined);
    if (view === undefined) return null;
    return Object.fromEntries([...view.deadLetters].filter(([, depth]) => depth !== 0));
  }
}

function problemOf(name: string, { channel }: { channel: { closedBecause?: string } }): string[] {
  return channel.closedBecause === undefined ? [] : [`${name}: ${channel.closedBecause}`];
}

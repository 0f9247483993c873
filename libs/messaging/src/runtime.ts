import {
  Inject,
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import type { Consumer } from './consume/consumer';
import { EventProcessor, type Processor } from './consume/event-processor';
import { Failures } from './consume/failures';
import { keepFlows } from './context';
import { Engine } from './engine';
import { asError } from './errors';
import { Discovery } from './handlers/discovery';
import type { BatchOptions, Handler, Wiring } from './handlers/handler';
import { HandlerObserver } from './observe/handler-observer';
import type { Message } from './message';
import { messagingOptions, type MessagingOptions } from './messaging-options';
import { serviceDatabase, type Database } from './outbox/database';
import { forgetOld, markSeen } from './outbox/inbox';
import { HeldMessages } from './ordered/held-messages';
import { HeldRunner } from './ordered/held-runner';
import type { InOrderWiring } from './ordered/in-order';
import { InOrderProcessor } from './ordered/in-order-processor';
import { LineFailures } from './ordered/line-failures';
import { ShareTurns } from './ordered/share-turns';
import { RpcProcessor } from './rpc/rpc-processor';
import { WiringError } from './wiring-error';

const rpcPrefetch = 200;
const inboxDays = 14;
const inboxSweepMs = 10 * 60_000;
/** Marks that one statement forgets. */
const inboxSweepMax = 5_000;

/** The engine of a service: takes for every decorated method, and keeps the inbox small. */
@Injectable()
export class Runtime extends Engine implements OnApplicationBootstrap, BeforeApplicationShutdown {
  /** By queue. */
  readonly observers = new Map<string, HandlerObserver>();
  private readonly runners: HeldRunner[] = [];
  private readonly turns: ShareTurns[] = [];
  private inboxTimer?: NodeJS.Timeout;
  private inboxSweep?: Promise<void>;
  private readonly stopping = new AbortController();

  constructor(
    @Inject(messagingOptions) private readonly options: MessagingOptions,
    private readonly discovery: Discovery,
    @Inject(serviceDatabase) private readonly db: Database | undefined,
  ) {
    super(options, db);
    keepFlows();
  }

  /** @throws WiringError, TopologyRefused, TopologyMissing, PermissionMissing */
  async onApplicationBootstrap(): Promise<void> {
    const handlers = await this.discovery.handlers(this.options.service);
    const all = handlers.map((handler) => {
      const [prefetch, processor] = [this.prefetchOf(handler), this.processorOf(handler)];
      return { wiring: handler, prefetch, processor };
    });
    await this.start(all);
    const { db } = this;
    if (db === undefined) return;
    for (const { wiring } of all) if (wiring.inOrder) this.turns.push(this.turnsOf(wiring, db));
    for (const one of [...this.runners, ...this.turns]) one.start();
    this.sweepInbox(db);
    this.inboxTimer = setInterval(() => this.sweepInbox(db), inboxSweepMs);
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.inboxTimer);
    this.stopping.abort();
    await Promise.all(this.turns.map((one) => one.stop()));
    const { drainTimeoutMs = 5_000 } = this.options;
    const held = this.runners.map((one) => one.stop(drainTimeoutMs));
    await this.stop();
    await Promise.all(held);
    await this.inboxSweep;
  }

  private turnsOf(handler: Wiring, db: Database): ShareTurns {
    const consumers = this.consumersOf(handler);
    return new ShareTurns({ queue: handler.queue, consumers, db, log: this.log });
  }

  private consumersOf(handler: Wiring): Consumer[] {
    return this.consumers.filter((one) => one.handler.partitionOf === handler);
  }

  private processorOf(handler: Handler): Processor {
    const { batch = { size: 1, lanes: this.prefetchOf(handler) } } = handler;
    const observer = new HandlerObserver(handler, this.observed.steps);
    this.observers.set(handler.queue, observer);
    if (handler.kind === 'rpc') return new RpcProcessor(handler, this.log, batch, observer);
    if (handler.inOrder) return this.inOrder(handler, handler.inOrder, batch, observer);
    const failures = new Failures(handler, this.publisher, this.log, this.ways);
    const mark = async (message: Message) => this.markHandled(message);
    return new EventProcessor(handler, failures, batch, observer, mark);
  }

  private inOrder(
    handler: Handler,
    inOrder: InOrderWiring,
    batch: BatchOptions,
    observer: HandlerObserver,
  ): Processor {
    const { db, log, publisher, ways } = this;
    const { queue, name } = handler;
    if (db === undefined) {
      const why = 'what fails waits in a database, and there is none';
      throw new WiringError(`${name} is ordered: ${why}`);
    }
    const held = new HeldMessages(db, queue);
    const failures = new LineFailures(held, handler, publisher, log, ways);
    const markHandled = async (message: Message) => this.markHandled(message);
    const options = { handler, inOrder, failures, batch, observer, held, log, markHandled };
    const processor = new InOrderProcessor(options);
    const isPaused = () => this.consumersOf(handler).some((one) => one.isPaused);
    this.runners.push(new HeldRunner({ queue, held, processor, log, isPaused }));
    return processor;
  }

  /** What an operator has sent again leaves a mark, so that its end can be seen. */
  private async markHandled(message: Message): Promise<void> {
    if (this.db === undefined) return;
    try {
      await markSeen(this.db, message);
    } catch (error) {
      const facts = { messageId: message.id, queue: message.queue };
      this.log.warn('replayed message not marked', { ...facts, error: asError(error).message });
    }
  }

  private prefetchOf({ prefetch, batch, kind }: Handler): number {
    if (prefetch !== undefined) return prefetch;
    // The next batch gathers while this one is handled.
    if (batch !== undefined) return 2 * batch.size * (batch.lanes ?? 1);
    return kind === 'rpc' ? rpcPrefetch : this.options.prefetch;
  }

  // The sweep before may still be at it: one at a time.
  private sweepInbox(db: Database): void {
    this.inboxSweep ??= forgetOld(db, inboxDays, inboxSweepMax, this.stopping.signal)
      .then(
        () => undefined,
        (error: unknown) => this.log.warn('inbox sweep failed', { error: asError(error).message }),
      )
      .finally(() => (this.inboxSweep = undefined));
  }
}

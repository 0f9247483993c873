import {
  Inject,
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { EventProcessor, type Processor } from './consume/event-processor';
import { Failures } from './consume/failures';
import { keepFlows } from './context';
import { Engine } from './engine';
import { asError } from './errors';
import { Discovery } from './handlers/discovery';
import type { Handler } from './handlers/handler';
import { HandlerObserver } from './observe/handler-observer';
import type { Message } from './message';
import { messagingOptions, type MessagingOptions } from './messaging-options';
import { serviceDatabase, type Database } from './outbox/database';
import { forgetOld, markSeen } from './outbox/inbox';
import { RpcProcessor } from './rpc/rpc-processor';

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
    this.sweepInbox(db);
    this.inboxTimer = setInterval(() => this.sweepInbox(db), inboxSweepMs);
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.inboxTimer);
    this.stopping.abort();
    await this.stop();
    await this.inboxSweep;
  }

  private processorOf(handler: Handler): Processor {
    const { batch = { size: 1, lanes: this.prefetchOf(handler) } } = handler;
    const observer = new HandlerObserver(handler, this.observed.steps);
    this.observers.set(handler.queue, observer);
    if (handler.kind === 'rpc') return new RpcProcessor(handler, this.log, batch, observer);
    const failures = new Failures(handler, this.publisher, this.log, this.ways);
    const mark = async (message: Message) => this.markHandled(message);
    return new EventProcessor(handler, failures, batch, observer, mark);
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

import {
  Inject,
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { Consumer } from './consume/consumer';
import { serviceDatabase, type Database } from './outbox/database';
import { Discovery } from './handlers/discovery';
import { asError } from './errors';
import { EventProcessor, type Processor } from './consume/event-processor';
import { Failures } from './consume/failures';
import type { Handler } from './handlers/handler';
import { forgetOld } from './outbox/inbox';
import { Link } from './connection/link';
import { Supervisor } from './liveness/supervisor';
import { messagingOptions, type MessagingOptions } from './messaging-options';
import { Publisher } from './publish/publisher';
import { Relay } from './outbox/relay';
import { RpcClient } from './rpc/rpc-client';
import { RpcProcessor } from './rpc/rpc-processor';
import { TopicPublisher } from './publish/topic-publisher';
import { prepareTopology } from './topology/check-topology';
import { Declarations } from './topology/declarations';
import { requiredTopology } from './topology/desired-topology';

const pendingMax = 20_000;
/** How long a shutdown waits for the last confirms. */
const publishTimeoutMs = 2_000;
const rpcWaitingMax = 10_000;
const rpcPrefetch = 200;
const consumerCheckMs = 10_000;
const inboxDays = 14;
const inboxSweepMs = 10 * 60_000;
/** Marks that one statement forgets. */
const inboxSweepMax = 5_000;
const topicsTimeoutMs = 500;

/** Builds the parts, starts them together, and stops them in the order that loses nothing. */
@Injectable()
export class Runtime implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly log = new Logger('Messaging');
  private readonly declarations = new Declarations(this.log);
  readonly publishing: Link;
  readonly consuming: Link;
  readonly publisher: Publisher;
  readonly rpc: RpcClient;
  readonly topics: TopicPublisher;
  readonly consumers: Consumer[] = [];
  readonly supervisor: Supervisor;
  private readonly relay?: Relay;
  private inboxTimer?: NodeJS.Timeout;
  private inboxSweep?: Promise<void>;
  private readonly stopping = new AbortController();

  constructor(
    @Inject(messagingOptions) private readonly options: MessagingOptions,
    private readonly discovery: Discovery,
    @Inject(serviceDatabase) private readonly db: Database | undefined,
  ) {
    const { service, amqpUrl: url } = options;
    const { log, declarations } = this;
    this.publishing = new Link({ url, log, declarations, name: `${service} publishing` });
    this.consuming = new Link({ url, log, declarations, name: `${service} consuming` });
    const link = this.publishing;
    this.publisher = new Publisher({ link, log, pendingMax });
    this.rpc = new RpcClient({ link, log, service, waitingMax: rpcWaitingMax });
    this.topics = new TopicPublisher(link, log, service);
    if (db !== undefined) this.relay = new Relay(db, this.publisher, log, service);
    const checkMs = options.consumerCheckMs ?? consumerCheckMs;
    this.supervisor = new Supervisor(this.consuming, log, this.consumers, checkMs);
  }

  /**
   * Does not need the broker: a service starts without it, and works as far as it can. With a
   * broker that is there but cannot keep the guarantee it does not start.
   * @throws TopologyRefused, PermissionMissing, WiringError
   */
  async onApplicationBootstrap(): Promise<void> {
    const { service, amqpUrl: url } = this.options;
    const { declarations } = this;
    const handlers = await this.discovery.handlers(service);
    const needed = requiredTopology(handlers);
    await prepareTopology({ url, service, needed, declarations });
    for (const handler of handlers) this.consume(handler);
    this.publishing.start();
    this.consuming.start();
    this.relay?.start();
    this.supervisor.start();
    const { db } = this;
    if (db === undefined) return;
    this.sweepInbox(db);
    this.inboxTimer = setInterval(() => this.sweepInbox(db), inboxSweepMs);
  }

  /** Nothing new first, then all that started to its end, then what it published, then links. */
  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.inboxTimer);
    this.stopping.abort();
    const supervisorStopped = this.supervisor.stop();
    await Promise.all(this.consumers.map((consumer) => consumer.cancel()));
    const { drainTimeoutMs = 5_000 } = this.options;
    const left = await Promise.all(this.consumers.map((one) => one.drain(drainTimeoutMs)));
    const unfinished = left.reduce((sum, count) => sum + count, 0);
    if (unfinished > 0) {
      this.log.warn('messages returned unfinished', { count: unfinished, drainTimeoutMs });
    }
    this.rpc.stop();
    const relayStopped = this.relay?.stop();
    await this.publisher.stop(publishTimeoutMs);
    await this.topics.stop(topicsTimeoutMs);
    await Promise.all([relayStopped, supervisorStopped, this.inboxSweep]);
    await Promise.all([this.consuming.stop(), this.publishing.stop()]);
  }

  private consume(handler: Handler): void {
    const processor = this.processorOf(handler);
    const link = this.consuming;
    const prefetch = this.prefetchOf(handler);
    const process = processor.process.bind(processor);
    this.consumers.push(new Consumer({ link, log: this.log, handler, prefetch, process }));
  }

  private processorOf(handler: Handler): Processor {
    const { batch = { size: 1, lanes: this.prefetchOf(handler) } } = handler;
    if (handler.kind === 'rpc') return new RpcProcessor(handler, this.log, batch);
    return new EventProcessor(handler, new Failures(handler, this.publisher, this.log), batch);
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

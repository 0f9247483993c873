import { Logger } from '@nestjs/common';
import type { SocketOptions } from './connection/connect';
import type { BrokerUrl } from './connection/nodes';
import { Link } from './connection/link';
import { Consumer } from './consume/consumer';
import type { Contract } from './contract';
import type { Processor } from './consume/event-processor';
import type { Wiring } from './handlers/handler';
import { Supervisor } from './liveness/supervisor';
import { lookForTracer } from './telemetry/tracer';
import type { Database } from './outbox/database';
import { Relay } from './outbox/relay';
import { Observed } from './observe/observed';
import { takenBy } from './ordered/keyed-topology';
import { Publisher } from './publish/publisher';
import { TopicPublisher } from './publish/topic-publisher';
import { RpcClient } from './rpc/rpc-client';
import { checkApplied } from './topology/check-applied';
import { prepareTopology } from './topology/check-topology';
import { Declarations } from './topology/declarations';
import { requiredTopology } from './topology/desired-topology';
import { merge, type Topology } from './topology/topology';
import { Ways, type Mode } from './topology/ways';

export interface EngineOptions {
  service: string;
  amqpUrl: BrokerUrl;
  socketOptions?: SocketOptions;
  mode?: Mode;
  queueReplicas?: number;
  sends?: readonly Contract[];
  drainTimeoutMs?: number;
  consumerCheckMs?: number;
}

/** What takes from a queue. */
export interface Consuming {
  wiring: Wiring;
  prefetch: number;
  processor: Processor;
}

const pendingMax = 20_000;
/** How long a shutdown waits for the last confirms. */
const publishTimeoutMs = 2_000;
const rpcWaitingMax = 10_000;
const consumerCheckMs = 10_000;
const topicsTimeoutMs = 500;

/** The parts that talk to the broker: started together, and stopped so that nothing is lost. */
export class Engine {
  readonly log = new Logger('Messaging');
  private readonly declarations: Declarations;
  readonly ways: Ways;
  readonly publishing: Link;
  readonly consuming: Link;
  readonly publisher: Publisher;
  readonly rpc: RpcClient;
  readonly topics: TopicPublisher;
  readonly observed: Observed;
  readonly consumers: Consumer[] = [];
  readonly supervisor: Supervisor;
  private readonly relay?: Relay;

  constructor(
    readonly settings: EngineOptions,
    db?: Database,
  ) {
    lookForTracer();
    const { service, amqpUrl: url, socketOptions, mode = 'simple', queueReplicas } = settings;
    const { log } = this;
    const ways = (this.ways = new Ways(mode, service, queueReplicas));
    const declarations = (this.declarations = new Declarations(log, mode));
    const options = { url, socketOptions, log, declarations };
    this.publishing = new Link({ ...options, name: `${service} publishing` });
    this.consuming = new Link({ ...options, name: `${service} consuming` });
    const link = this.publishing;
    this.observed = new Observed(service);
    const { counts, publishing, asking } = this.observed;
    this.publisher = new Publisher({ link, log, mode, pendingMax, times: publishing });
    const asks = settings.sends?.some(({ route }) => route.kind === 'rpc') ?? false;
    const rpc = { link, log, service, ways, asks, counts, times: asking };
    this.rpc = new RpcClient({ ...rpc, waitingMax: rpcWaitingMax });
    this.topics = new TopicPublisher(link, log, service, counts);
    if (db !== undefined) {
      this.relay = new Relay(db, this.publisher, log, { service, ways }, this.observed);
    }
    const checkMs = settings.consumerCheckMs ?? consumerCheckMs;
    this.supervisor = new Supervisor(this.consuming, log, this.consumers, checkMs);
  }

  /**
   * Does not need the broker: a service starts without it, and works as far as it can. With a
   * broker that is there but cannot keep the guarantee it does not start.
   * @param more of the topology than its handlers need
   * @throws TopologyRefused, TopologyMissing, PermissionMissing
   */
  async start(all: readonly Consuming[], more: Partial<Topology> = {}): Promise<void> {
    const { ways, log, consuming: link } = this;
    await this.prepare(
      all.map(({ wiring }) => wiring),
      more,
    );
    for (const { wiring, prefetch, processor } of all) {
      const process = processor.process.bind(processor);
      for (const handler of takenBy(wiring)) {
        this.consumers.push(new Consumer({ link, log, handler, prefetch, ways, process }));
      }
    }
    this.startSpeaking();
    this.consuming.start();
    this.supervisor.start();
  }

  /** Each with its consumers: one in order has several. */
  get handlers(): { wiring: Wiring; consumers: Consumer[] }[] {
    const all = new Map<Wiring, Consumer[]>();
    for (const consumer of this.consumers) {
      const wiring = consumer.handler.partitionOf ?? consumer.handler;
      all.set(wiring, [...(all.get(wiring) ?? []), consumer]);
    }
    return [...all].map(([wiring, consumers]) => ({ wiring, consumers }));
  }

  private async prepare(wirings: readonly Wiring[], more: Partial<Topology>): Promise<void> {
    const { service, amqpUrl: url, socketOptions, sends } = this.settings;
    const { declarations, ways } = this;
    if (ways.isStrict) {
      return checkApplied({ url, socketOptions, service, wirings, sends, ways });
    }
    const needed = merge([more, requiredTopology(wirings, ways)]);
    await prepareTopology({ url, socketOptions, service, needed, declarations });
  }

  /** For who takes from no queue. */
  startSpeaking(): void {
    this.publishing.start();
    this.relay?.start();
  }

  /** Nothing new first, then all that started to its end, then what it published, then links. */
  async stop(): Promise<void> {
    const supervisorStopped = this.supervisor.stop();
    await Promise.all(this.consumers.map((consumer) => consumer.cancel()));
    const { drainTimeoutMs = 5_000 } = this.settings;
    const left = await Promise.all(this.consumers.map((one) => one.drain(drainTimeoutMs)));
    const unfinished = left.reduce((sum, count) => sum + count, 0);
    if (unfinished > 0) {
      this.log.warn('messages returned unfinished', { count: unfinished, drainTimeoutMs });
    }
    this.rpc.stop();
    const relayStopped = this.relay?.stop();
    await this.publisher.stop(publishTimeoutMs);
    await this.topics.stop(topicsTimeoutMs);
    await Promise.all([relayStopped, supervisorStopped]);
    await Promise.all([this.consuming.stop(), this.publishing.stop()]);
  }
}

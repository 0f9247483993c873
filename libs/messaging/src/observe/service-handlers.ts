import { Inject, Injectable, type Type } from '@nestjs/common';
import { hostname } from 'node:os';
import type { Contract } from '../contract';
import type { Consumer } from '../consume/consumer';
import type { Engine } from '../engine';
import { Discovery } from '../handlers/discovery';
import type { Binding } from '../handlers/handler';
import type { Pattern } from '../handlers/pattern';
import { unlistedIn, type Unlisted } from '../handlers/unlisted';
import { messagingOptions, type MessagingOptions } from '../messaging-options';
import { heldKeysOf } from '../ordered/held-figures';
import type { HeldKey } from '../ordered/held-key';
import { keyFieldOf } from '../ordered/in-order';
import { serviceDatabase, type Database } from '../outbox/database';
import { Runtime } from '../runtime';
import { bounded } from '../time';
import { requiredTopology } from '../topology/desired-topology';
import type { Topology } from '../topology/topology';
import type { Mode } from '../topology/ways';
import type { HandlerState } from './handler-state';
import type { SentCount } from './sent-counts';
import type { StepsSeen } from './step';
import type { Seen } from './steps';

/** What a service is made of, as its code declares it. */
export interface DeclaredMessaging {
  service: string;
  mode: Mode;
  /** Missing when the broker decides. */
  queueReplicas?: number;
  handlers: {
    name: string;
    pattern: Pattern;
    contract?: string;
    queue: string;
    bindings: Binding[];
    retry: readonly string[];
    /** The field of the body by which it takes messages one after another. */
    orderedBy?: string;
  }[];
  /** What it says that it sends. */
  sends: {
    contract: string;
    pattern: Pattern;
    exchange?: string;
    queue?: string;
    /** The field of the body by which it is sent in order. */
    key?: string;
  }[];
  topology: Topology;
}

/** Told at a time. */
const heldKeysMax = 100;
const answerTimeoutMs = 2_500;

/** The handlers of this process, for who operates it. */
@Injectable()
export class ServiceHandlers {
  readonly instance = `${hostname()}:${process.pid}`;
  private readonly asked = new Map<string | undefined, Promise<HeldKey[]>>();

  constructor(
    private readonly runtime: Runtime,
    private readonly discovery: Discovery,
    @Inject(messagingOptions) private readonly options: MessagingOptions,
    @Inject(serviceDatabase) private readonly db: Database | undefined,
  ) {}

  list(): HandlerState[] {
    return this.runtime.handlers.map((one) => this.stateOf(one));
  }

  sent(): SentCount[] {
    return this.runtime.observed.counts.all();
  }

  declared(): DeclaredMessaging {
    const { service, mode = 'simple', queueReplicas, sends = [] } = this.options;
    const wirings = this.runtime.handlers.map(({ wiring }) => wiring);
    const handlers = wirings.map(({ name, kind, contract, queue, bindings, retry, inOrder }) => {
      const tiers = kind === 'rpc' ? [] : retry;
      const order = inOrder && { orderedBy: inOrder.by };
      const declared = { name, pattern: kind, contract: contract?.name, queue, bindings };
      return { ...declared, retry: tiers, ...order };
    });
    return {
      service,
      mode,
      queueReplicas,
      handlers,
      sends: sends.map(sendOf),
      topology: requiredTopology(wirings, this.runtime.ways),
    };
  }

  /**
   * Keys of handlers in order whose messages wait in the database, of the whole service: 100 at
   * most, stopped ones first, then those that have waited longest.
   * @param queue of one handler; of all unless given
   * @throws NoAnswer by the database
   */
  async held(queue?: string): Promise<HeldKey[]> {
    const inOrder = this.runtime.handlers.filter(({ wiring }) => wiring.inOrder);
    const all = inOrder.map(({ wiring }) => wiring.queue);
    const queues = all.filter((one) => queue === undefined || one === queue);
    if (this.db === undefined || queues.length === 0) return [];
    // One question at a time, so that a silent database is not asked out of its pool.
    const asked = this.asked.get(queue) ?? heldKeysOf(this.db, queues, heldKeysMax);
    const forget = () => this.asked.delete(queue);
    if (!this.asked.has(queue)) {
      this.asked.set(queue, asked);
      asked.then(forget, forget);
    }
    return bounded(asked, answerTimeoutMs, 'the database');
  }

  /**
   * Handlers that this process has loaded, or that lie beside `module`, and that no module of its
   * application provides. For a process of one application: those of another one count too.
   */
  async unlisted(module: Type): Promise<Unlisted[]> {
    const provided = await this.discovery.methods();
    return unlistedIn(
      [module],
      provided.map(({ method }) => method),
    );
  }

  /**
   * It finishes what it has and takes nothing new until `resume`, or until this process ends.
   * @returns undefined when no handler here takes from this queue
   * @throws NoAnswer the broker has not confirmed it
   */
  async pause(queue: string): Promise<HandlerState | undefined> {
    return this.turn(queue, async (consumer) => consumer.pause());
  }

  /** As `pause`. */
  async resume(queue: string): Promise<HandlerState | undefined> {
    return this.turn(queue, async (consumer) => consumer.resume());
  }

  /** Whether anybody watches the steps. */
  get isWatched(): boolean {
    return this.runtime.observed.steps.isWatched;
  }

  /** Tells a step that is none of the runtime's, as `Steps.tell`. */
  tell(traceparent: string, seen: (traceId: string) => Seen): void {
    this.runtime.observed.steps.tell(traceparent, seen);
  }

  /** What happens here from now on. @returns ends it */
  watch(listener: (seen: StepsSeen) => void): () => void {
    return this.runtime.observed.steps.watch(listener);
  }

  private async turn(queue: string, work: (consumer: Consumer) => Promise<void>) {
    const found = this.runtime.handlers.find(({ wiring }) => wiring.queue === queue);
    if (found === undefined) return undefined;
    await Promise.all(found.consumers.map(work));
    return this.stateOf(found);
  }

  private stateOf({ wiring, consumers }: Engine['handlers'][number]): HandlerState {
    const { name, kind: pattern, contract, queue } = wiring;
    const [{ prefetch = 0, isPaused: paused = false } = {}] = consumers;
    const inHand = consumers.reduce((sum, one) => sum + one.inHand, 0);
    const heldForMs = Math.max(...consumers.map((one) => one.heldForMs));
    const observer = this.runtime.observers.get(queue);
    return {
      name,
      pattern,
      contract: contract?.name,
      queue,
      paused,
      prefetch,
      inHand,
      heldForMs,
      handled: observer?.handled ?? 0,
      retried: observer?.retries.total ?? 0,
      deadLettered: observer?.deadLetters.total ?? 0,
      ...(observer?.times.percentiles() ?? { p50Ms: null, p99Ms: null }),
      waitedMs: observer?.waitedMs ?? null,
    };
  }
}

function sendOf({ name: contract, route }: Contract): DeclaredMessaging['sends'][number] {
  const { kind: pattern } = route;
  const place = 'exchange' in route ? { exchange: route.exchange } : { queue: route.queue };
  const key = keyFieldOf({ route });
  return { contract, pattern, ...place, ...(key !== undefined && { key }) };
}

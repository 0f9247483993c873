import { Injectable } from '@nestjs/common';
import type { EdgeState, QueueState, ServiceState, System } from '../api/live';
import { edgeId, handlerEdge, serviceId, targetId } from '../flow/graph';
import { ReadFlow, versionOf } from '../flow/read-flow';
import { retryTiers } from '../flow/retry-tiers';
import { Topologies } from '../flow/topologies';
import { Services } from '../upstream/services';
import { BrokerView } from './broker-view';
import { DueRetries } from './due-retries';
import { headlineOf } from './headline';
import { heldCounts } from './held-counts';
import { type Instance, Instances } from './instances';
import { QueueStates } from './queue-states';
import { Rates } from './rates';
import { Histories } from './series';
import { serviceState } from './service-states';
import { ShopFigures } from './shop-figures';

/** Where orders sends each order that it takes. */
const saleQueue = 'orders.confirm-order';
/** The broker is asked each second; so late its answer still counts as one of now. */
const staleMs = 5_000;

/** The whole system as it is now, from what was asked last. */
@Injectable()
export class SystemView {
  readonly histories = new Histories();
  private readonly rates = new Rates();
  private readonly queueStates = new QueueStates();
  private countedAt = 0;
  /** When each process was last looked at. */
  private lookedAt = new Map<string, number>();

  constructor(
    private readonly services: Services,
    private readonly instances: Instances,
    private readonly broker: BrokerView,
    private readonly topologies: Topologies,
    private readonly flow: ReadFlow,
    private readonly shop: ShopFigures,
    private readonly dueRetries: DueRetries,
  ) {}

  read(now = Date.now()): System {
    this.count(now);
    const services = this.serviceStates(now);
    const edges = this.edges(now);
    const queues = this.queues(services, edges, now);
    this.fillEdges(edges, queues, services);
    const { overview } = this.broker;
    // Where its management API is not to be had, what the services say of it counts.
    const isUp = overview.problem === undefined || this.instances.all.some(reachesBroker);
    const facts = {
      broker: {
        up: isUp,
        version: overview.value?.version,
        problem: overview.problem,
        alarms: overview.current?.alarms ?? [],
      },
      services,
      queues,
      salesPerMinute: this.salesPerMinute(),
      deadLetters: queues.reduce((sum, { deadLetters }) => sum + deadLetters, 0),
      alerts: this.shop.alerts.current ?? { critical: 0, warning: 0 },
      booksBalance: this.shop.balanced.current,
    };
    this.keep(services, queues, now);
    const flow = versionOf(this.flow.graph);
    const seen = [...edges].filter(([, { count, rate }]) => count > 0 || rate > 0);
    return {
      at: now,
      headline: headlineOf(facts),
      flow,
      ...facts,
      edges: Object.fromEntries(seen),
    };
  }

  /** Takes the counters of every process that has answered. */
  private count(now: number): void {
    const lookedAt = new Map<string, number>();
    for (const { service, report } of this.instances.all) {
      const { value, at } = report;
      if (value === undefined) continue;
      const { instance } = value;
      const before = this.lookedAt.get(instance);
      lookedAt.set(instance, at);
      for (const { exchange, routingKey, count } of value.sent) {
        const edge = edgeId(serviceId(service), targetId(exchange, routingKey));
        // A destination is counted from the first message on that goes there.
        this.rates.take(`${instance} ${edge}`, count, at, before);
      }
      for (const { queue, handled, retried, deadLettered } of value.handlers) {
        this.rates.take(handledKey(instance, queue), handled + retried + deadLettered, at);
      }
    }
    this.lookedAt = lookedAt;
    this.rates.sweep(now);
  }

  private serviceStates(now: number): ServiceState[] {
    const rateOf = (instance: string, queue: string) =>
      this.rates.perSecond(handledKey(instance, queue), now);
    return this.services.names.map((name) => {
      const all = this.instances.all.filter(({ service }) => service === name);
      return serviceState(name, this.instances.of(name), all, rateOf);
    });
  }

  /** What services have counted of what they send. */
  private edges(now: number): Map<string, EdgeState> {
    const edges = new Map<string, EdgeState>();
    for (const name of this.services.names) {
      for (const { report } of this.instances.of(name)) {
        for (const { exchange, routingKey, count } of report.current?.sent ?? []) {
          const edge = edgeId(serviceId(name), targetId(exchange, routingKey));
          const rate = this.rates.perSecond(`${report.current?.instance} ${edge}`, now);
          const before = edges.get(edge) ?? { rate: 0, count: 0 };
          edges.set(edge, { rate: before.rate + rate, count: before.count + count });
        }
      }
    }
    return edges;
  }

  private queues(
    services: readonly ServiceState[],
    edges: ReadonlyMap<string, EdgeState>,
    now: number,
  ): QueueState[] {
    const handlers = services.flatMap(({ instances }) => instances.flatMap((one) => one.handlers));
    const consumersExpected = new Map<string, number>();
    const handlerRates = new Map<string, number>();
    const retrying = new Set(handlers.flatMap((one) => (one.retried > 0 ? [one.queue] : [])));
    for (const { queue, paused, rate } of handlers) {
      consumersExpected.set(queue, (consumersExpected.get(queue) ?? 0) + (paused ? 0 : 1));
      handlerRates.set(queue, (handlerRates.get(queue) ?? 0) + rate);
    }
    const { queues } = this.broker;
    const isFresh = queues.at > this.countedAt;
    this.countedAt = queues.at;
    const edgeRates = new Map([...edges].map(([id, { rate }]) => [id, rate]));
    const brokerQueues = queues.at > now - staleMs ? queues.value : undefined;
    const topologies = this.topologies.known;
    const dueRetries = this.dueRetries.read(retryTiers(topologies), now);
    const held = heldCounts(this.services.names.flatMap((name) => this.instances.of(name)));
    const figures = { consumersExpected, edgeRates, handlerRates, retrying, dueRetries, held };
    return this.queueStates.read({ topologies, brokerQueues, ...figures, now }, isFresh);
  }

  /** The edges behind exchanges and queues, and those of what nobody counts at its sender. */
  private fillEdges(
    edges: Map<string, EdgeState>,
    queues: readonly QueueState[],
    services: readonly ServiceState[],
  ): void {
    const handlers = services.flatMap(({ instances }) => instances.flatMap((one) => one.handlers));
    const rateOf = new Map(queues.map(({ name, inRate }) => [name, inRate]));
    for (const { queue, handled, rate } of handlers) {
      const edge = handlerEdge(queue);
      const before = edges.get(edge) ?? { rate: 0, count: 0 };
      edges.set(edge, { rate: before.rate + rate, count: before.count + handled });
    }
    for (const { handlers: declared } of this.topologies.known) {
      for (const { queue, bindings } of declared) {
        const done = edges.get(handlerEdge(queue))?.count ?? 0;
        const state = { rate: rateOf.get(queue) ?? 0, count: done };
        if (state.rate === 0 && done === 0) continue;
        for (const { exchange } of bindings) {
          edges.set(edgeId(`exchange:${exchange}`, `queue:${queue}`), state);
        }
      }
    }
    const sale = edges.get(edgeId(serviceId('orders'), targetId('', saleQueue)));
    if (sale) edges.set(edgeId('http:orders', serviceId('orders')), sale);
  }

  private salesPerMinute(): number {
    const edge = edgeId(serviceId('orders'), targetId('', saleQueue));
    return this.instances
      .of('orders')
      .reduce(
        (sum, { report }) => sum + this.rates.perMinute(`${report.value?.instance} ${edge}`),
        0,
      );
  }

  private keep(
    services: readonly ServiceState[],
    queues: readonly QueueState[],
    now: number,
  ): void {
    for (const { name, depth, unacked, inRate, outRate, retries, deadLetters } of queues) {
      const retrying = retries.reduce((sum, { count }) => sum + count, 0);
      const values = { depth, unacked, inRate, outRate, retrying, deadLetters };
      this.histories.add(`queue ${name}`, now, values);
    }
    for (const { name, instances, outboxLagSeconds } of services) {
      const sum = (of: (one: (typeof instances)[number]) => number) =>
        instances.length === 0 ? null : instances.reduce((total, one) => total + of(one), 0);
      this.histories.add(`service ${name}`, now, {
        instances: instances.length,
        cpu: sum(({ cpu }) => cpu),
        rssBytes: sum(({ memory }) => memory.rssBytes),
        heapUsedBytes: sum(({ memory }) => memory.heapUsedBytes),
        eventLoopDelayMs: sum(({ eventLoopDelayMs }) => eventLoopDelayMs),
        rate: sum(({ handlers }) => handlers.reduce((total, { rate }) => total + rate, 0)),
        outboxLagSeconds,
      });
    }
  }
}

function reachesBroker({ health }: Instance): boolean {
  return health.current?.checks?.broker?.status === 'ok';
}

const handledKey = (instance: string, queue: string) => `${instance} handled ${queue}`;

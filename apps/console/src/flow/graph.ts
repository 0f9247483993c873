import { type DeclaredMessaging, topologyOfServices } from '@tradepost/messaging';
import type { Pattern } from '@tradepost/messaging/ops';
import type { FlowEdge, FlowNode } from '../api/flow';

export type GraphNode = Omit<FlowNode, 'x' | 'y' | 'width' | 'height'>;
export type GraphEdge = Omit<FlowEdge, 'points'>;

export interface Graph {
  nodes: GraphNode[];
  edges: GraphEdge[];
}

/** What was seen: of the default exchange, `exchange` is empty and `queue` is where it went. */
export interface SeenSending {
  service: string;
  exchange: string;
  queue: string;
  contract?: string;
}

/** The services that customers speak to. */
const entrances = ['orders'];

export const edgeId = (from: string, to: string): string => `${from}>${to}`;
export const serviceId = (name: string): string => `service:${name}`;
export const queueId = (name: string): string => `queue:${name}`;
export const exchangeId = (name: string): string => `exchange:${name}`;
const handlerId = (queue: string): string => `handler:${queue}`;
const httpId = (service: string): string => `http:${service}`;

/** What is sent to: an exchange, or by the default one a queue. */
export function targetId(exchange: string | undefined, queue: string | undefined): string {
  return exchange ? exchangeId(exchange) : queueId(queue ?? '');
}

/** The edges on the way of a queue's messages to its handler. */
export const handlerEdge = (queue: string): string => edgeId(queueId(queue), handlerId(queue));

/**
 * The system as its services declare it, with what the broker has and what was sent beside that.
 * In a steady order, so that the same system is drawn alike.
 * @param brokerQueues undefined: the broker does not say
 */
export function graphOf(
  names: readonly string[],
  topologies: readonly DeclaredMessaging[],
  brokerQueues: readonly string[] | undefined,
  seen: readonly SeenSending[],
): Graph {
  const graph = new GraphBuilder();
  for (const name of names) addService(graph, name);
  for (const one of topologies) addHandlers(graph, one);
  for (const one of topologies) addSends(graph, one);
  addUndeclared(graph, topologies, brokerQueues ?? []);
  const behind = new Set(topologies.flatMap(behindTheScenes));
  for (const one of seen) addSeen(graph, one, behind);
  return graph.build();
}

class GraphBuilder {
  private readonly nodes = new Map<string, GraphNode>();
  private readonly edges = new Map<string, GraphEdge>();

  node(node: GraphNode): void {
    if (!this.nodes.has(node.id)) this.nodes.set(node.id, node);
  }

  edge(from: string, to: string, edge: Omit<GraphEdge, 'id' | 'from' | 'to'>): void {
    const id = edgeId(from, to);
    if (!this.edges.has(id)) this.edges.set(id, { id, from, to, ...edge });
  }

  has(id: string): boolean {
    return this.nodes.has(id);
  }

  build(): Graph {
    const edges = [...this.edges.values()].filter(
      ({ from, to }) => this.nodes.has(from) && this.nodes.has(to),
    );
    return { nodes: [...this.nodes.values()], edges };
  }
}

function addService(graph: GraphBuilder, service: string): void {
  const id = serviceId(service);
  graph.node({ id, kind: 'service', label: service, service, declared: true });
  if (!entrances.includes(service)) return;
  const http = httpId(service);
  graph.node({ id: http, kind: 'http', label: 'HTTP', service, declared: true });
  graph.edge(http, id, { declared: true });
}

function addHandlers(graph: GraphBuilder, { service, handlers }: DeclaredMessaging): void {
  for (const { name, pattern, contract, queue, bindings } of handlers) {
    const about = { service, pattern, contract, queue, declared: true };
    graph.node({ ...about, id: queueId(queue), kind: 'queue', label: queue });
    graph.node({ ...about, id: handlerId(queue), kind: 'handler', label: name });
    graph.edge(queueId(queue), handlerId(queue), { pattern, contract, declared: true });
    for (const { exchange } of bindings) {
      addExchange(graph, exchange, pattern, contract);
      graph.edge(exchangeId(exchange), queueId(queue), { pattern, contract, declared: true });
    }
  }
}

function addSends(graph: GraphBuilder, { service, sends }: DeclaredMessaging): void {
  for (const { contract, pattern, exchange, queue } of sends) {
    if (exchange) addExchange(graph, exchange, pattern, contract);
    const to = targetId(exchange, queue);
    if (queue) {
      // Its owner is not among the services: it is drawn all the same.
      graph.node({ id: to, kind: 'queue', label: queue, pattern, queue, contract, declared: true });
    }
    graph.edge(serviceId(service), to, { pattern, contract, declared: true });
  }
}

function addExchange(
  graph: GraphBuilder,
  exchange: string,
  pattern: Pattern,
  contract?: string,
): void {
  const id = exchangeId(exchange);
  graph.node({ id, kind: 'exchange', label: exchange, pattern, contract, declared: true });
}

/** Queues of the broker that no service declares; what moves messages aside is not meant. */
export function undeclaredQueues(
  topologies: readonly DeclaredMessaging[],
  brokerQueues: readonly string[],
): string[] {
  // While nothing is declared, all would be: nothing is known then.
  if (topologies.length === 0) return [];
  const declared = new Set(topologyOfServices(topologies).queues.map(({ name }) => name));
  return (
    brokerQueues
      .filter((name) => !declared.has(name.replace(/\.(moving|returning)$/, '')))
      // Of brokers' own names, and of who awaits answers in strict mode.
      .filter((name) => !/^amq\.|\.reply\.[\da-f-]{36}$/.test(name))
  );
}

function addUndeclared(
  graph: GraphBuilder,
  topologies: readonly DeclaredMessaging[],
  brokerQueues: readonly string[],
): void {
  for (const queue of undeclaredQueues(topologies, brokerQueues)) {
    graph.node({ id: queueId(queue), kind: 'queue', label: queue, queue, declared: false });
  }
}

/** What is declared and not drawn: where messages wait for another try, dead letters. */
function behindTheScenes({ topology }: DeclaredMessaging): string[] {
  return [
    ...topology.exchanges.map(({ name }) => exchangeId(name)),
    ...topology.queues.map(({ name }) => queueId(name)),
  ];
}

function addSeen(
  graph: GraphBuilder,
  { service, exchange, queue, contract }: SeenSending,
  behind: ReadonlySet<string>,
): void {
  const to = targetId(exchange, queue);
  if (behind.has(to) && !graph.has(to)) return;
  const isExchange = exchange !== '';
  graph.node({
    id: to,
    kind: isExchange ? 'exchange' : 'queue',
    label: isExchange ? exchange : queue,
    declared: false,
    ...(isExchange ? {} : { queue }),
  });
  graph.edge(serviceId(service), to, { contract, declared: false });
}

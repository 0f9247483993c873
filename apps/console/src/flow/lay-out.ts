import type { ElkNode } from 'elkjs/lib/elk-api';
import type { Flow, FlowNode } from '../api/flow';
import type { Graph, GraphNode } from './graph';

/** From left to right. */
const layers: Record<FlowNode['kind'], number> = {
  http: 0,
  service: 1,
  exchange: 2,
  queue: 3,
  handler: 4,
};

const heights: Record<FlowNode['kind'], number> = {
  http: 32,
  service: 48,
  exchange: 32,
  queue: 40,
  handler: 32,
};

/** Of the small type of the page, and what stands beside a label: a mark, figures. */
const characterWidth = 7.2;
const besideWidth: Record<FlowNode['kind'], number> = {
  http: 24,
  service: 56,
  exchange: 44,
  queue: 76,
  handler: 44,
};

const options = {
  'elk.algorithm': 'layered',
  'elk.direction': 'RIGHT',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.partitioning.activate': 'true',
  'elk.separateConnectedComponents': 'false',
  // The order of the model decides already; more rounds cost a second and change nothing.
  'elk.layered.thoroughness': '1',
  'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES',
  'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
  'elk.spacing.nodeNode': '10',
  'elk.spacing.edgeNode': '8',
  'elk.spacing.edgeEdge': '7',
  'elk.layered.spacing.nodeNodeBetweenLayers': '56',
  'elk.layered.spacing.edgeNodeBetweenLayers': '14',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '7',
  'elk.padding': '[top=16,left=16,bottom=16,right=16]',
};

/** Positions for a graph, in layers, with edges at right angles. */
export async function layOut({ nodes, edges }: Graph): Promise<Omit<Flow, 'version'>> {
  // A megabyte of code, for the first who looks.
  const { default: Elk } = await import('elkjs/lib/elk.bundled.js');
  const sizeOf = sizesOf(nodes);
  const given: ElkNode = {
    id: 'root',
    layoutOptions: options,
    children: nodes.map((node) => ({
      id: node.id,
      ...sizeOf(node),
      layoutOptions: { 'elk.partitioning.partition': String(layers[node.kind]) },
    })),
    edges: edges.map(({ id, from, to }) => ({ id, sources: [from], targets: [to] })),
  };
  const laidOut = await new Elk().layout(given);
  const placed = new Map(laidOut.children?.map((child) => [child.id, child]));
  const routed = new Map(laidOut.edges?.map((edge) => [edge.id, edge.sections?.[0]]));
  return {
    width: laidOut.width ?? 0,
    height: laidOut.height ?? 0,
    nodes: nodes.map((node) => {
      const { x = 0, y = 0 } = placed.get(node.id) ?? {};
      return { ...node, x, y, ...sizeOf(node) };
    }),
    edges: edges.map((edge) => {
      const way = routed.get(edge.id);
      const points = way ? [way.startPoint, ...(way.bendPoints ?? []), way.endPoint] : [];
      return { ...edge, points: points.map(({ x, y }) => ({ x, y })) };
    }),
  };
}

/** Those of a layer are as wide as its widest, so that a column has one edge. */
function sizesOf(nodes: readonly GraphNode[]) {
  const widths = new Map<FlowNode['kind'], number>();
  for (const { kind, label } of nodes) {
    const width = Math.max(72, Math.round(label.length * characterWidth + besideWidth[kind]));
    widths.set(kind, Math.max(width, widths.get(kind) ?? 0));
  }
  return ({ kind }: GraphNode) => ({ width: widths.get(kind) ?? 0, height: heights[kind] });
}

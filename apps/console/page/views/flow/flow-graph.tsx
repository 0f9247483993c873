import {
  Controls,
  ReactFlow,
  useReactFlow,
  type Edge,
  type EdgeMouseHandler,
  type Node,
  type NodeMouseHandler,
} from '@xyflow/react';
import '@xyflow/react/dist/base.css';
import { useContext, useEffect, useMemo, useRef } from 'react';
import type { Pattern } from '@tradepost/messaging/ops';
import type { Flow, FlowEdge, FlowNode } from '../../../src/api/flow';
import { Dots } from './flow-dots';
import { FlowEdgeLine } from './flow-edge';
import classes from './flow.module.css';
import { nodeTypes } from './flow-nodes';
import { Lit } from './lit';

const edgeTypes = { line: FlowEdgeLine };

interface Props {
  flow: Flow;
  width: number;
  height: number;
}

/** The declared topology where the server put it, so that an eye learns its places. */
export default function FlowGraph({ flow, width, height }: Props) {
  const nodes = useMemo(() => nodesOf(flow), [flow]);
  const edges = useMemo(() => edgesOf(flow), [flow]);
  const { setContract } = useContext(Lit);
  const light: NodeMouseHandler = (_, node) => setContract((node.data as NodeData).node.contract);
  const lightEdge: EdgeMouseHandler = (_, edge) =>
    setContract((edge.data as { edge: FlowEdge }).edge.contract);
  const margin = 24;
  return (
    <ReactFlow
      className={classes.flow}
      nodes={nodes}
      edges={edges}
      nodeTypes={nodeTypes}
      edgeTypes={edgeTypes}
      defaultViewport={viewportOf(flow, width, height)}
      translateExtent={[
        [-margin, -margin],
        [flow.width + margin, flow.height + margin],
      ]}
      minZoom={0.3}
      maxZoom={2}
      nodesDraggable={false}
      nodesConnectable={false}
      nodesFocusable={false}
      edgesFocusable={false}
      elementsSelectable={false}
      panOnScroll
      zoomOnDoubleClick={false}
      onNodeMouseEnter={light}
      onNodeMouseLeave={() => setContract(undefined)}
      onEdgeMouseEnter={lightEdge}
      onEdgeMouseLeave={() => setContract(undefined)}
      aria-label="The declared topology, with what is seen on it"
    >
      <Dots flow={flow} />
      <FitsWidth flow={flow} width={width} height={height} />
      <Controls showInteractive={false} position="bottom-right" />
    </ReactFlow>
  );
}

/** A panel beside it takes room: the picture moves over, and hides nothing. */
function FitsWidth({ flow, width, height }: Props) {
  const { setViewport } = useReactFlow();
  const shownIn = useRef(width);
  useEffect(() => {
    if (shownIn.current === width) return;
    shownIn.current = width;
    void setViewport(viewportOf(flow, width, height));
  }, [setViewport, flow, width, height]);
  return null;
}

export interface NodeData extends Record<string, unknown> {
  node: FlowNode;
  /** What goes through a service or an exchange. */
  carries: ReadonlySet<string>;
  patterns: ReadonlySet<Pattern>;
}

function nodesOf(flow: Flow): Node<NodeData>[] {
  return flow.nodes.map((node) => {
    const touching = flow.edges.filter(({ from, to }) => from === node.id || to === node.id);
    return {
      id: node.id,
      type: node.kind,
      position: { x: node.x, y: node.y },
      width: node.width,
      height: node.height,
      data: {
        node,
        carries: new Set(touching.flatMap(({ contract }) => contract ?? [])),
        patterns: new Set(touching.flatMap(({ pattern }) => pattern ?? [])),
      },
    };
  });
}

function edgesOf(flow: Flow): Edge[] {
  return flow.edges.map((edge) => ({
    id: edge.id,
    type: 'line',
    source: edge.from,
    target: edge.to,
    data: { edge },
  }));
}

/** All of it, if it can be read then; else all its width, from the top. */
function viewportOf(flow: Flow, width: number, height: number) {
  const margin = 12;
  const byWidth = (width - 2 * margin) / flow.width;
  const all = Math.min(byWidth, (height - 2 * margin) / flow.height);
  const zoom = Math.min(1.1, all >= 0.8 ? all : Math.max(byWidth, 0.6));
  return {
    zoom,
    x: Math.max(margin, (width - flow.width * zoom) / 2),
    y: Math.max(margin, (height - flow.height * zoom) / 2),
  };
}

import { useReducedMotion } from '@mantine/hooks';
import { ViewportPortal } from '@xyflow/react';
import { useEffect, useState } from 'react';
import type { Step } from '@tradepost/messaging/ops';
import type { Flow, FlowEdge } from '../../../src/api/flow';
import { onSteps, snapshot } from '../../live/live-store';
import { colourOf } from '../../parts/patterns';
import classes from './flow.module.css';
import { lengthOf, pointAt } from './polyline';

/** Above this rate an edge's thickness tells, and no dot. */
const rateMax = 20;
const dotsMax = 60;
const travelMs = 550;

interface Dot {
  edge: FlowEdge;
  length: number;
  startAt: number;
  circle: SVGCircleElement;
}

/** A dot travels an edge for a message. They move past React, and only while there are any. */
export function Dots({ flow }: { flow: Flow }) {
  // The portal opens after the first drawing.
  const [svg, setSvg] = useState<SVGSVGElement | null>(null);
  const still = useReducedMotion();
  useEffect(() => {
    if (!svg || still) return;
    const moving = new Moving(svg);
    const waysOf = waysIn(flow);
    const stop = onSteps((steps) => {
      for (const step of steps) moving.add(waysOf(step));
    });
    return () => {
      stop();
      moving.end();
    };
  }, [flow, still, svg]);
  return (
    <ViewportPortal>
      <svg
        ref={setSvg}
        className={classes.dots}
        width={flow.width}
        height={flow.height}
        aria-hidden
      />
    </ViewportPortal>
  );
}

class Moving {
  private readonly dots = new Set<Dot>();
  private frame = 0;

  constructor(private readonly svg: SVGSVGElement) {}

  /** One message on its way over these edges, one after the other. */
  add(edges: readonly FlowEdge[]): void {
    const rates = snapshot().system?.edges;
    const now = performance.now();
    edges.forEach((edge, index) => {
      if (this.dots.size >= dotsMax || (rates?.[edge.id]?.rate ?? 0) > rateMax) return;
      const circle = document.createElementNS('http://www.w3.org/2000/svg', 'circle');
      circle.setAttribute('r', '4');
      circle.setAttribute('fill', colourOf(edge.pattern));
      circle.setAttribute('visibility', 'hidden');
      this.svg.append(circle);
      const startAt = now + index * travelMs;
      this.dots.add({ edge, circle, length: lengthOf(edge.points), startAt });
    });
    if (this.dots.size > 0) this.frame ||= requestAnimationFrame(this.move);
  }

  end(): void {
    cancelAnimationFrame(this.frame);
    for (const { circle } of this.dots) circle.remove();
    this.dots.clear();
  }

  private readonly move = (now: number): void => {
    for (const dot of this.dots) {
      const part = (now - dot.startAt) / travelMs;
      if (part >= 1) {
        dot.circle.remove();
        this.dots.delete(dot);
      } else if (part >= 0) {
        const { x, y } = pointAt(dot.edge.points, part * dot.length);
        dot.circle.setAttribute('transform', `translate(${x} ${y})`);
        dot.circle.setAttribute('visibility', 'visible');
      }
    }
    this.frame = this.dots.size > 0 ? requestAnimationFrame(this.move) : 0;
  };
}

/** The edges that a step's message went over. */
function waysIn(flow: Flow): (step: Step) => FlowEdge[] {
  const between = new Map(flow.edges.map((edge) => [`${edge.from} ${edge.to}`, edge]));
  const from = new Map(flow.edges.map((edge) => [edge.from, edge]));
  const into = new Map<string, FlowEdge>();
  for (const edge of flow.edges) if (edge.from.startsWith('exchange:')) into.set(edge.to, edge);
  const found = (...edges: (FlowEdge | undefined)[]) => edges.filter((edge) => edge !== undefined);
  return ({ kind, service, exchange, queue }) => {
    if (kind === 'http') return found(between.get(`http:${service} service:${service}`));
    if (kind === 'handled') return found(into.get(`queue:${queue}`), from.get(`queue:${queue}`));
    const byExchange = between.get(`service:${service} exchange:${exchange}`);
    return found(byExchange ?? between.get(`service:${service} queue:${queue}`));
  };
}

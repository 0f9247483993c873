import { EdgeLabelRenderer, type EdgeProps } from '@xyflow/react';
import { useContext } from 'react';
import type { FlowEdge } from '../../../src/api/flow';
import { useLive } from '../../live/use-live';
import { perSecond } from '../../parts/format';
import { colourOf } from '../../parts/patterns';
import classes from './flow.module.css';
import { Lit, useLit } from './lit';
import { middleOf, pathOf } from './polyline';

/** Orders of magnitude, not proportions: 0.1/s and 1,000/s are both seen. */
function widthOf(rate: number): number {
  return rate <= 0 ? 1.25 : Math.min(8, 1.5 + Math.log10(1 + rate * 4) * 1.6);
}

/** A line along the server's points; as thick as it is busy, dashed where nothing was seen. */
export function FlowEdgeLine({ data }: EdgeProps) {
  const { edge } = data as { edge: FlowEdge };
  const rate = useLive(({ system }) => system?.edges[edge.id]?.rate ?? 0);
  const used = useLive((live) => live.used.has(edge.id));
  const lit = useLit({ contract: edge.contract, pattern: edge.pattern });
  const { contract } = useContext(Lit);
  const d = pathOf(edge.points, 6);
  return (
    <>
      <path
        className={classes.edge}
        d={d}
        data-lit={lit}
        data-declared={edge.declared}
        data-used={used || !edge.pattern}
        stroke={edge.declared ? colourOf(edge.pattern) : 'var(--failed)'}
        strokeWidth={widthOf(rate)}
      />
      <path className={classes.edgeHit} d={d} />
      {(!edge.declared || (contract !== undefined && lit === 'lit')) && (
        <Label edge={edge} text={labelOf(edge, used, rate)} />
      )}
    </>
  );
}

function labelOf(edge: FlowEdge, used: boolean, rate: number): string {
  if (!edge.declared) return 'not declared';
  return used ? perSecond(rate) : 'unused';
}

function Label({ edge, text }: { edge: FlowEdge; text: string }) {
  const { x, y } = middleOf(edge.points);
  return (
    <EdgeLabelRenderer>
      <span
        className={classes.edgeLabel}
        data-declared={edge.declared}
        style={{ transform: `translate(-50%, -50%) translate(${x}px, ${y}px)` }}
      >
        {text}
      </span>
    </EdgeLabelRenderer>
  );
}

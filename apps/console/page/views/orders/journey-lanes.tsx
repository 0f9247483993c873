import { useMemo } from 'react';
import type { Hop } from '../../../src/api/journey';
import { duration } from '../../parts/format';
import { colourOf, shapes } from '../../parts/patterns';
import { HopChip } from './hop-chip';
import { layOut, type Chip, type Layout, type Line } from './journey-layout';
import classes from './journey.module.css';

interface Props {
  hops: readonly Hop[];
  width: number;
  selected?: string;
  onSelect: (id: string) => void;
}

/** A column a service, time downward, a chip for what was done, a line for each message. */
export function JourneyLanes({ hops, width, selected, onSelect }: Props) {
  const layout = useMemo(() => layOut(hops, width), [hops, width]);
  const message = hops.find((hop) => hop.id === selected)?.messageId;
  const isLit = (hop: Hop) => message !== undefined && hop.messageId === message;
  return (
    <div className={classes.scroller}>
      <div className={classes.laneHeads} style={{ width: layout.width }}>
        {layout.lanes.map(({ service, x, width: wide }) => (
          <h2 key={service} style={{ left: x, width: wide }}>
            {service}
          </h2>
        ))}
      </div>
      <div className={classes.lanes} style={{ width: layout.width, height: layout.height }}>
        <Drawing layout={layout} isLit={isLit} />
        <ol className={classes.chips} aria-label="What happened, in time">
          {layout.chips.map((chip) => (
            <HopChip
              key={chip.hop.id}
              chip={chip}
              selected={chip.hop.id === selected}
              onSelect={() => onSelect(chip.hop.id)}
            />
          ))}
        </ol>
      </div>
    </div>
  );
}

function Drawing({ layout, isLit }: { layout: Layout; isLit: (hop: Hop) => boolean }) {
  const { lanes, lines, chips, gaps, width, height } = layout;
  return (
    <svg className={classes.drawing} width={width} height={height} aria-hidden>
      <defs>
        <pattern
          id="waited"
          width="5"
          height="5"
          patternUnits="userSpaceOnUse"
          patternTransform="rotate(45)"
        >
          <path d="M0 0v5" stroke="var(--waiting)" strokeWidth="2.4" />
        </pattern>
      </defs>
      {lanes.map(({ service, x }) => (
        <path key={service} d={`M${x} 0V${height}`} stroke="var(--line)" />
      ))}
      {gaps.map(({ y, ms }) => (
        <g key={y}>
          <path d={`M56 ${y}H${width}`} stroke="var(--line)" strokeDasharray="2 6" />
          <text x={0} y={y + 4} className={classes.gap}>
            ↕ {duration(ms)}
          </text>
        </g>
      ))}
      {chips.map((chip) => (
        <Spans key={chip.hop.id} chip={chip} />
      ))}
      {lines.map((line) => (
        <MessageLine key={line.id} line={line} lit={isLit(line.hop)} />
      ))}
    </svg>
  );
}

/** Waited hatched, worked solid, at the chip's left; an outline: records tell of both as one. */
function Spans({ chip }: { chip: Chip }) {
  const { hop, x, y, waitedFromY, workedToY } = chip;
  const solid = hop.outcome === 'absorbed' ? 'var(--line-strong)' : colourOf(hop.pattern);
  if (hop.source === 'recorded') {
    const height = y - waitedFromY;
    const span = { x: x - 7.25, y: waitedFromY + 0.75, width: 4.5, height: height - 1.5 };
    return (
      <>
        {height > 2 && <rect {...span} className={classes.bothSpan} style={{ stroke: solid }} />}
        <rect x={x - 8} y={y} width={6} height={2} fill={solid} />
      </>
    );
  }
  return (
    <>
      {waitedFromY < y && (
        <rect x={x - 8} y={waitedFromY} width={6} height={y - waitedFromY} fill="url(#waited)" />
      )}
      <rect x={x - 8} y={y} width={6} height={Math.max(3, workedToY - y)} fill={solid} />
    </>
  );
}

function MessageLine({ line, lit }: { line: Line; lit: boolean }) {
  const { from, to, kind, hop, loop, label } = line;
  const colour = colourOf(hop.pattern);
  const style = { stroke: colour, 'data-lit': lit, className: classes.message };
  if (kind === 'retry') {
    return (
      <>
        <path {...style} d={`M${from.x} ${from.y}V${to.y}`} strokeDasharray="1 5" />
        <text x={from.x + 10} y={(from.y + to.y) / 2 + 4} className={classes.tier}>
          ↻ {label}
        </text>
      </>
    );
  }
  const bend = loop ? 22 : 0;
  const middle = (from.x + to.x) / 2;
  const d = loop
    ? `M${from.x} ${from.y}C${from.x + bend} ${from.y} ${from.x + bend} ${to.y} ${to.x + 4} ${to.y}`
    : `M${from.x} ${from.y}C${middle} ${from.y} ${middle} ${to.y} ${to.x} ${to.y}`;
  const left = to.x < from.x || loop;
  const tip = left ? `M${to.x + 7} ${to.y - 4}L${to.x + 1} ${to.y}L${to.x + 7} ${to.y + 4}` : '';
  const right = left ? '' : `M${to.x - 6} ${to.y - 4}L${to.x} ${to.y}L${to.x - 6} ${to.y + 4}`;
  return (
    <>
      <path {...style} d={d + tip + right} />
      {hop.pattern && (
        <path
          d={shapes[hop.pattern]}
          fill={colour}
          transform={`translate(${from.x - 5} ${from.y - 5}) scale(0.84)`}
        />
      )}
    </>
  );
}

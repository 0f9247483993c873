import type { Hop } from '../../../src/api/journey';
import { duration } from '../../parts/format';
import { HopText } from './hop-chip';
import classes from './journey.module.css';

interface Props {
  hops: readonly Hop[];
  selected?: string;
  onSelect: (id: string) => void;
}

/** The journey where there is room for one column: hops in time, their service beside them. */
export function HopList({ hops, selected, onSelect }: Props) {
  const done = hops.filter(({ kind }) => kind !== 'sent');
  const first = hops[0]?.at ?? 0;
  return (
    <ol className={classes.list} aria-label="What happened, in time">
      {done.map((hop) => (
        <li key={hop.id}>
          <span className={classes.listAt}>
            +{duration(Math.max(0, hop.at - first))}
            <br />
            <b>{hop.service}</b>
          </span>
          <button
            type="button"
            className={classes.chip}
            data-outcome={hop.outcome}
            data-source={hop.source}
            aria-pressed={hop.id === selected}
            onClick={() => onSelect(hop.id)}
          >
            <HopText hop={hop} />
            <ListSpans hop={hop} />
          </button>
        </li>
      ))}
    </ol>
  );
}

/** Waited hatched, worked solid, side by side by their magnitudes; of records both as one. */
function ListSpans({ hop: { since, waitedMs = 0, tookMs } }: { hop: Hop }) {
  const part = (ms: number) => Math.log10(1 + ms);
  const parts = since
    ? [{ className: classes.both, ms: since.ms }]
    : [
        { className: classes.waited, ms: waitedMs },
        { className: classes.worked, ms: tookMs },
      ];
  const whole = parts.reduce((sum, { ms }) => sum + part(ms), 0);
  if (whole === 0) return null;
  return (
    <span className={classes.spans} aria-hidden>
      {parts.map(({ className, ms }) => (
        <i key={className} className={className} style={{ flexGrow: part(ms) }} />
      ))}
      <i style={{ flexGrow: Math.max(0, 6 - whole) }} />
    </span>
  );
}

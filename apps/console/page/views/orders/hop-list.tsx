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

/** Waited hatched, worked solid, side by side by their magnitudes. */
function ListSpans({ hop }: { hop: Hop }) {
  const part = (ms: number) => Math.log10(1 + ms);
  if (!hop.waitedMs && hop.tookMs === 0) return null;
  return (
    <span className={classes.spans} aria-hidden>
      <i className={classes.waited} style={{ flexGrow: part(hop.waitedMs ?? 0) }} />
      <i className={classes.worked} style={{ flexGrow: part(hop.tookMs) }} />
      <i style={{ flexGrow: Math.max(0, 6 - part(hop.waitedMs ?? 0) - part(hop.tookMs)) }} />
    </span>
  );
}

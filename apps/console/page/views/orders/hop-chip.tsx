import type { Hop } from '../../../src/api/journey';
import { clock, duration, money } from '../../parts/format';
import { PatternMark } from '../../parts/pattern-mark';
import type { Chip } from './journey-layout';
import classes from './journey.module.css';

interface Props {
  chip: Chip;
  selected: boolean;
  onSelect: () => void;
}

export function HopChip({ chip: { hop, x, y, width, height }, selected, onSelect }: Props) {
  return (
    <li style={{ left: x, top: y, width, height }}>
      <button
        type="button"
        className={classes.chip}
        data-outcome={hop.outcome}
        data-source={hop.source}
        aria-pressed={selected}
        onClick={onSelect}
      >
        <HopText hop={hop} />
      </button>
    </li>
  );
}

/** A hop in two to four lines. */
export function HopText({ hop }: { hop: Hop }) {
  return (
    <>
      <span className={classes.chipName}>
        {hop.pattern && <PatternMark pattern={hop.pattern} size={11} />}
        <b className="ellipsis" title={nameOf(hop)}>
          {nameOf(hop)}
        </b>
        <Attempt hop={hop} />
        <OutcomeMark hop={hop} />
      </span>
      <Times hop={hop} />
      {hop.dueAt !== undefined && (
        <span className={classes.due} title={`waits in ${hop.retryTier} for its next try`}>
          ↻ {hop.retryTier}, due {clock(hop.dueAt)}
        </span>
      )}
      {(hop.note ?? hop.error) && (
        <span className={classes.chipNote} title={hop.error?.message ?? hop.note}>
          {hop.note ?? hop.error?.code}
        </span>
      )}
      {hop.money && (
        <span className={classes.chipMoney}>
          {money(hop.money.amount, hop.money.currency)} {hop.money.what}
        </span>
      )}
    </>
  );
}

/** Of records only the queue may be known, or that something was done. */
export function nameOf({ contract, route, queue }: Hop): string {
  return contract ?? route ?? queue ?? 'No message';
}

function Attempt({ hop: { attempt } }: { hop: Hop }) {
  if (attempt === undefined || attempt <= 1) return null;
  return <span className={classes.attempt}>try {attempt}</span>;
}

/** What is not simply done says so. */
function OutcomeMark({ hop }: { hop: Hop }) {
  switch (hop.outcome) {
    case 'absorbed':
      return <span className={classes.outcome}>already done</span>;
    case 'retried':
      return <span className={classes.retried}>failed</span>;
    case 'dead':
      return <span className={classes.stop}>dead letter</span>;
    case 'refused':
    case 'failed':
      return <span className={classes.stop}>{hop.status ?? hop.outcome}</span>;
    case 'answered':
    case 'ok':
      return hop.status ? <span className={classes.outcome}>{hop.status}</span> : null;
  }
}

/** Waited hatched, worked solid, in numbers; records tell of both as one. */
function Times({ hop }: { hop: Hop }) {
  const { waitedMs = 0, since, source } = hop;
  if (source === 'recorded') {
    return (
      <span className={classes.chipTimes}>
        {since && (
          <span title={`waited and worked, not told apart, since ${since.what}`}>
            <i className={classes.both} role="img" aria-label="waited and worked" />{' '}
            {duration(since.ms)}
          </span>
        )}
        <span className="ellipsis">from records</span>
      </span>
    );
  }
  return (
    <span className={classes.chipTimes}>
      {hop.kind === 'handled' && waitedMs > 0 && (
        <span title="waited">
          <i className={classes.waited} role="img" aria-label="waited" /> {duration(waitedMs)}
        </span>
      )}
      <span title="worked">
        <i className={classes.worked} role="img" aria-label="worked" /> {duration(hop.tookMs)}
      </span>
    </span>
  );
}

import type { DrillsState } from '../../../src/api/drills';
import { useNow } from '../../live/use-live';
import { duration } from '../../parts/format';
import { TimeAgo } from '../../parts/time-ago';
import classes from './drills.module.css';

/** The drill that runs, or the last one and how it ended. */
export function Course({ state: { running, last } }: { state: DrillsState }) {
  const now = useNow();
  if (running) {
    const { text, startedAt, endsAt } = running;
    const goesOn = duration(Math.max(1_000, Math.floor((now - startedAt) / 1_000) * 1_000));
    const left =
      endsAt !== undefined && endsAt > now
        ? `, ${duration(Math.ceil((endsAt - now) / 1_000) * 1_000)} to go`
        : '';
    return (
      <p className={classes.course} data-running role="status">
        <strong>{text}</strong>
        <span>
          runs for {goesOn}
          {left}
        </span>
      </p>
    );
  }
  if (!last) return null;
  return (
    <p className={classes.course} role="status">
      <strong>{last.text}</strong>
      <span>
        {last.outcome}{' '}
        <span className="muted">· took {duration(last.endedAt - last.startedAt)}, </span>
        <span className="muted">
          <TimeAgo at={last.endedAt} />
        </span>
      </span>
    </p>
  );
}

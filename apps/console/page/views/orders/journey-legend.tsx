import type { Pattern } from '@tradepost/messaging/ops';
import { PatternMark } from '../../parts/pattern-mark';
import { patterns } from '../../parts/patterns';
import classes from './journey.module.css';

/** What chips and lines say. */
export function JourneyLegend() {
  return (
    <ul className={classes.legend} aria-label="What the marks say">
      {(Object.keys(patterns) as Pattern[]).map((pattern) => (
        <li key={pattern} title={patterns[pattern].meaning}>
          <PatternMark pattern={pattern} size={11} word />
        </li>
      ))}
      <li>
        <i className={classes.waited} aria-hidden /> waited
      </li>
      <li>
        <i className={classes.worked} aria-hidden /> worked
      </li>
      <li>
        <i className={classes.both} aria-hidden /> both, not told apart
      </li>
      <li>
        <span className={classes.retried}>↻ 1s</span> waits in a retry tier
      </li>
      <li>
        <i className={classes.ghost} aria-hidden /> a copy of what was done already
      </li>
      <li>Time runs downward; long waits are shortened, and told at the left.</li>
    </ul>
  );
}

import { Tooltip, UnstyledButton } from '@mantine/core';
import type { Pattern } from '@tradepost/messaging/ops';
import type { Live } from '../../live/live-store';
import { useLive } from '../../live/use-live';
import { count } from '../../parts/format';
import { PatternMark } from '../../parts/pattern-mark';
import { patterns } from '../../parts/patterns';
import classes from './flow.module.css';

interface Props {
  pattern?: Pattern;
  onPattern: (pattern?: Pattern) => void;
}

/** Teaches the four words; a click lights one of them. */
export function Legend({ pattern, onPattern }: Props) {
  return (
    <div className={classes.legend} role="group" aria-label="Legend">
      {(Object.keys(patterns) as Pattern[]).map((each) => (
        <UnstyledButton
          key={each}
          className={classes.word}
          aria-pressed={pattern === each}
          data-on={pattern === each}
          onClick={() => onPattern(pattern === each ? undefined : each)}
        >
          <PatternMark pattern={each} size={11} word />
          <span className={classes.meaning}>{patterns[each].meaning}</span>
        </UnstyledButton>
      ))}
    </div>
  );
}

/** What lines and marks say, below the picture. */
export function LineKey() {
  const retrying = useLive(retryingIn);
  const dead = useLive(({ system }) => system?.deadLetters ?? 0);
  const behind = useLive(behindDeadLettersIn);
  return (
    <ul className={classes.key} aria-label="What the marks say">
      <li>
        <Line width={2} /> thicker: busier
      </li>
      <li>
        <Line width={1.5} dash="4 4" /> declared, unused
      </li>
      <li>
        <Line width={1.5} dash="4 4" colour="var(--failed)" /> seen, not declared
      </li>
      <li>
        <span className={classes.ticks} aria-hidden>
          <i /> <i data-missing />
        </span>{' '}
        consumer, missing one
      </li>
      <li>
        <Tooltip label="Failed messages that wait for their next try; ≤: within it the next comes">
          <span className={classes.retry} data-none={retrying === 0}>
            ↻ {count(retrying)}
          </span>
        </Tooltip>{' '}
        {retrying === 1 ? 'waits' : 'wait'} for a retry
      </li>
      {behind > 0 && (
        <li>
          <span className={classes.retry} data-stopped>
            ! {count(behind)}
          </span>{' '}
          {behind === 1 ? 'waits' : 'wait'}, some behind a dead letter
        </li>
      )}
      <li>
        <span className={classes.dead} data-none={dead === 0}>
          {count(dead)}
        </span>{' '}
        {dead === 1 ? 'dead letter' : 'dead letters'}
      </li>
    </ul>
  );
}

function Line({ width, dash, colour = 'var(--muted)' }: LineProps) {
  return (
    <svg width={24} height={10} aria-hidden>
      <path d="M1 5h22" stroke={colour} strokeWidth={width} strokeDasharray={dash} />
    </svg>
  );
}

/**
 * Each queue tells the tiers that it has, with what all queues have in them, and what it holds
 * itself.
 */
function retryingIn({ queues }: Live): number {
  const tiers = new Map<string, number>();
  let sum = 0;
  for (const { retries, held } of queues.values()) {
    for (const { tier, count: waiting } of retries) tiers.set(tier, waiting);
    // Told apart: `behindDeadLettersIn`.
    if (held?.stopped === 0) sum += held.waiting;
  }
  return [...tiers.values()].reduce((all, waiting) => all + waiting, sum);
}

/** Of handlers in order of which a key is stopped. */
function behindDeadLettersIn({ queues }: Live): number {
  const held = [...queues.values()].flatMap((queue) => queue.held ?? []);
  return held.reduce((sum, { stopped, waiting }) => sum + (stopped > 0 ? waiting : 0), 0);
}

interface LineProps {
  width: number;
  dash?: string;
  colour?: string;
}

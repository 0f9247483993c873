import type { ReactNode } from 'react';
import classes from './small.module.css';

export type BadgeTone = 'ok' | 'waiting' | 'retry' | 'refused' | 'failed';

/** A state in a word. */
export function StateBadge({ tone, children }: { tone: BadgeTone; children: ReactNode }) {
  return (
    <span className={classes.badge} data-tone={tone}>
      {tone === 'ok' && <span aria-hidden>✓</span>}
      {children}
    </span>
  );
}

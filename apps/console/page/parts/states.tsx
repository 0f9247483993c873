import { Button } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { ApiProblem } from '../api/request';
import classes from './states.module.css';

interface EmptyProps {
  title: string;
  /** Why it is empty, or what to do. */
  hint?: ReactNode;
  /** The next step. */
  children?: ReactNode;
}

export function EmptyState({ title, hint, children }: EmptyProps) {
  return (
    <div className={classes.state}>
      <p className={classes.title}>{title}</p>
      {hint && <p className="muted">{hint}</p>}
      {children}
    </div>
  );
}

interface ErrorProps {
  /** What failed: "The orders could not be read". */
  what: string;
  error: unknown;
  /** What is still true. */
  still?: string;
  onRetry?: () => void;
}

export function ErrorState({ what, error, still, onRetry }: ErrorProps) {
  return (
    <div className={classes.state} role="alert">
      <p className={classes.title}>
        <IconAlertTriangle size={16} className={classes.icon} aria-hidden /> {what}
      </p>
      <p>{reason(error)}</p>
      {still && <p className="muted">{still}</p>}
      {onRetry && (
        <Button variant="default" onClick={onRetry}>
          Try again
        </Button>
      )}
    </div>
  );
}

/** What failed, on one line, where there is no room for more. */
export function Problem({ error }: { error: unknown }) {
  return (
    <p role="alert" className={classes.problem}>
      <IconAlertTriangle size={14} className={classes.icon} aria-hidden /> {reason(error)}
    </p>
  );
}

/** An error in words. */
export function reason(error: unknown): string {
  if (error instanceof ApiProblem) return error.detail ?? `${error.title}.`;
  return error instanceof Error ? error.message : String(error);
}

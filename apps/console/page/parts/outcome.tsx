import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './outcome.module.css';

/** What became of an act, until it is hidden. */
export function Outcome({ children, onHide }: { children: ReactNode; onHide: () => void }) {
  return (
    <div className={classes.outcome} role="status">
      {children}
      <Button variant="subtle" onClick={onHide}>
        Hide
      </Button>
    </div>
  );
}

import { Button } from '@mantine/core';
import { useState } from 'react';
import classes from './frame.module.css';

/** The server was updated under the page: it says so, and interrupts nobody. */
export function Outdated({ page }: { page?: string }) {
  const [mine, setMine] = useState(page);
  if (mine === undefined && page !== undefined) setMine(page);
  if (page === undefined || mine === undefined || page === mine) return null;
  return (
    <div className={classes.notice} role="status">
      This page is of an older version than its server.
      <Button variant="default" onClick={() => window.location.reload()}>
        Load it anew
      </Button>
    </div>
  );
}

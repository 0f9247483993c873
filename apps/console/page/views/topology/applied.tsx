import { Button } from '@mantine/core';
import type { TopologyApplied } from '../../../src/api/topology';
import { appliedWords } from './topology-words';
import classes from './topology.module.css';

interface Props {
  applied: TopologyApplied;
  onHide: () => void;
}

/** What an apply did, line by line, as the broker confirmed it. */
export function Applied({ applied, onHide }: Props) {
  return (
    <section className={classes.applied} role="status" aria-label="What was applied">
      <p>{appliedWords(applied)}</p>
      <ul className={classes.list}>
        {applied.did.map((line) => (
          <li key={line}>✓ {line}</li>
        ))}
      </ul>
      <Button variant="subtle" onClick={onHide}>
        Hide
      </Button>
    </section>
  );
}

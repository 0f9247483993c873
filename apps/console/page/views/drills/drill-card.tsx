import { Button, NativeSelect } from '@mantine/core';
import { useState } from 'react';
import type { DrillsState } from '../../../src/api/drills';
import type { AskedDrill } from './drill-dialog';
import classes from './drills.module.css';

export type Drill = DrillsState['drills'][number];

interface Props {
  drill: Drill;
  busy: boolean;
  onAsk: (asked: AskedDrill) => void;
}

/** A drill: what it breaks, for how long, and what should happen. */
export function DrillCard({ drill, busy, onAsk }: Props) {
  const { title, breaks, expect, services, seconds, enabled } = drill;
  const [service, setService] = useState(services?.[0]);
  const chosen = services?.includes(service ?? '') ? service : services?.[0];
  const lasts = seconds === undefined ? '' : ` For ${seconds} s.`;
  return (
    <li className={classes.drill}>
      <div className={classes.words}>
        <h2>{title}</h2>
        <p>
          {breaks}
          {lasts}
        </p>
        <p className="muted">{expect}</p>
      </div>
      <div className={classes.act}>
        {services && (
          <NativeSelect
            size="xs"
            aria-label={`${title}: of which service`}
            value={chosen}
            data={services}
            onChange={(event) => setService(event.currentTarget.value)}
          />
        )}
        <Button
          variant="default"
          disabled={busy || !enabled}
          aria-label={`${title}…`}
          onClick={() => onAsk({ drill, service: chosen })}
        >
          {`${title}…`}
        </Button>
      </div>
    </li>
  );
}

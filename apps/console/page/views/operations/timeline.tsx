import { Button } from '@mantine/core';
import type { OperationRecord } from '../../../src/api/operations';
import { TimeAgo } from '../../parts/time-ago';
import classes from './operations.module.css';

interface Props {
  records: OperationRecord[];
  onUndo: (record: OperationRecord) => void;
}

const days = new Intl.DateTimeFormat('en-GB', { weekday: 'long', day: 'numeric', month: 'long' });

/** By day, newest first. */
export function Timeline({ records, onUndo }: Props) {
  const byDay = new Map<string, OperationRecord[]>();
  for (const record of records) {
    const day = days.format(Date.parse(record.at));
    byDay.set(day, [...(byDay.get(day) ?? []), record]);
  }
  return [...byDay].map(([day, ofDay]) => (
    <section key={day} aria-label={day}>
      <h2 className={classes.day}>{day}</h2>
      <ol className={classes.timeline}>
        {ofDay.map((record, index) => (
          <Entry key={`${record.at} ${record.action} ${index}`} record={record} onUndo={onUndo} />
        ))}
      </ol>
    </section>
  ));
}

function Entry({ record, onUndo }: { record: OperationRecord; onUndo: Props['onUndo'] }) {
  const { at, by, service, action, text, outcome, undo } = record;
  return (
    <li className={classes.entry}>
      <span className={`muted ${classes.when}`}>
        <TimeAgo at={at} />
      </span>
      <div className={classes.what}>
        <strong>{action}</strong> {text}
        <div className="muted">
          {outcome}
          {by && ` · by ${by}`}
          {` · ${service}`}
        </div>
      </div>
      {undo && (
        <Button variant="default" onClick={() => onUndo(record)}>
          Undo…
        </Button>
      )}
    </li>
  );
}

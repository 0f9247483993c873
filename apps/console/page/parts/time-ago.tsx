import { Tooltip } from '@mantine/core';
import { useNow } from '../live/use-live';
import { absolute, ago, duration, money } from './format';
import classes from './small.module.css';

/** A time as it is told now, and the whole of it in the tooltip. */
export function TimeAgo({ at }: { at: number | string }) {
  const now = useNow(5_000);
  const time = typeof at === 'string' ? Date.parse(at) : at;
  if (Number.isNaN(time)) return <span className={classes.time}>{at}</span>;
  return (
    <Tooltip label={absolute(time)}>
      <time className={classes.time} dateTime={new Date(time).toISOString()}>
        {ago(time, Math.max(now, time))}
      </time>
    </Tooltip>
  );
}

export function Duration({ ms }: { ms: number | null | undefined }) {
  return (
    <span className={classes.time}>{ms === null || ms === undefined ? '–' : duration(ms)}</span>
  );
}

export function Money({ amount, currency }: { amount: number; currency: string }) {
  return <span className={classes.time}>{money(amount, currency)}</span>;
}

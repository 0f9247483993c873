import { Button } from '@mantine/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useLayoutEffect, useRef, useState } from 'react';
import { count, counted } from '../../parts/format';
import { Problem } from '../../parts/states';
import { LogLine, rowHeight, type LineActs } from './log-line';
import classes from './logs.module.css';
import { isGap, newCount, type Tail } from './tail';

interface Props extends LineActs {
  tail: Tail;
  selected: string | undefined;
  paused: boolean;
  onFollow: (follows: boolean) => void;
  older: { has: boolean; load: () => Promise<void> };
}

/** Newest at the bottom; follows until the reader scrolls, and says what came meanwhile. */
export function LogLines({ tail, selected, paused, onFollow, older, ...acts }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const { rows, following } = tail;
  const lines = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 20,
  });
  useKeptPlace(scroller, rows.map(keyOf), following);
  const drawn = lines.getVirtualItems();
  const before = drawn[0]?.start ?? 0;
  const after = lines.getTotalSize() - (drawn.at(-1)?.end ?? 0);
  const fresh = newCount(tail);
  return (
    <div className={classes.frame}>
      <div
        ref={scroller}
        className={classes.scroller}
        tabIndex={0}
        role="group"
        aria-label="Log lines, newest last"
        onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
          const atEnd = scrollHeight - scrollTop - clientHeight < rowHeight;
          if (!paused && atEnd !== following) onFollow(atEnd);
        }}
      >
        {older.has && <Older load={older.load} />}
        <table className={classes.lines} aria-rowcount={rows.length}>
          <Columns />
          <tbody>
            <Space height={before} />
            {drawn.map(({ index }) => {
              const row = rows[index];
              if (!row) return null;
              return isGap(row) ? (
                <GapLine key={`gap ${index}`} gap={row.gap} />
              ) : (
                <LogLine key={row.id} entry={row} selected={row.id === selected} {...acts} />
              );
            })}
            <Space height={after} />
          </tbody>
        </table>
      </div>
      {!following && (fresh > 0 || paused) && (
        <Button className={classes.fresh} onClick={() => onFollow(true)}>
          {fresh > 0 ? `${count(fresh)} new ↓` : 'Follow again ↓'}
        </Button>
      )}
    </div>
  );
}

function Columns() {
  return (
    <>
      <colgroup>
        <col className={classes.time} />
        <col className={classes.level} />
        <col className={classes.service} />
        <col />
      </colgroup>
      <thead className="unseen">
        <tr>
          {['Time', 'Level', 'Service', 'Message and fields'].map((name) => (
            <th key={name} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
    </>
  );
}

/** At the end while following; where the reader reads when lines come before. */
function useKeptPlace(
  scroller: React.RefObject<HTMLDivElement | null>,
  keys: string[],
  following: boolean,
): void {
  const first = useRef<string>(undefined);
  useLayoutEffect(() => {
    const element = scroller.current;
    const was = first.current === undefined ? -1 : keys.indexOf(first.current);
    first.current = keys[0];
    if (!element) return;
    if (following) element.scrollTop = element.scrollHeight;
    else if (was > 0) element.scrollTop += was * rowHeight;
  });
}

function keyOf(row: Tail['rows'][number], index: number): string {
  return isGap(row) ? `gap ${index}` : row.id;
}

function Older({ load }: { load: () => Promise<void> }) {
  const [state, setState] = useState<{ loading: boolean; error?: unknown }>({ loading: false });
  const onClick = () => {
    setState({ loading: true });
    load().then(
      () => setState({ loading: false }),
      (error: unknown) => setState({ loading: false, error }),
    );
  };
  return (
    <div className={classes.older}>
      <Button variant="subtle" loading={state.loading} onClick={onClick}>
        Older lines
      </Button>
      {state.error !== undefined && <Problem error={state.error} />}
    </div>
  );
}

function GapLine({ gap }: { gap: number | null }) {
  return (
    <tr style={{ height: rowHeight }}>
      <td colSpan={4} className={classes.gap}>
        {gap === null
          ? 'lines are missing here: nobody counted them'
          : `${counted(gap, 'line')} left out here: more came than can be shown`}
      </td>
    </tr>
  );
}

function Space({ height }: { height: number }) {
  if (height <= 0) return null;
  return (
    <tr aria-hidden>
      <td colSpan={4} style={{ height, padding: 0 }} />
    </tr>
  );
}

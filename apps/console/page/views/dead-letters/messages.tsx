import { Button, Checkbox } from '@mantine/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef } from 'react';
import type { DeadLetter } from '../../../src/api/dead-letters';
import { count } from '../../parts/format';
import { shortened } from '../../parts/id';
import { TimeAgo } from '../../parts/time-ago';
import classes from './dead-letters.module.css';
import { keyOf } from './selection';

interface Props {
  messages: DeadLetter[];
  total: number | undefined;
  selected: string | undefined;
  picked: ReadonlySet<string>;
  onSelect: (key: string) => void;
  onPick: (keys: string[], picked: boolean) => void;
  more: { has: boolean; loading: boolean; load: () => void };
}

const rowHeight = 61;

/** The messages one by one; only the rows in sight are drawn. */
export function Messages({ messages, selected, picked, onSelect, onPick, total, more }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: messages.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 10,
  });
  const at = messages.findIndex((message) => keyOf(message) === selected);
  useEffect(() => {
    if (at >= 0) rows.scrollToIndex(at, { align: 'auto' });
  }, [rows, at]);
  const drawn = rows.getVirtualItems();
  const before = drawn[0]?.start ?? 0;
  const after = rows.getTotalSize() - (drawn.at(-1)?.end ?? 0);
  return (
    <div
      ref={scroller}
      className={classes.scroller}
      tabIndex={0}
      role="group"
      aria-label="Messages"
    >
      <table className={`rows ${classes.messages}`} aria-rowcount={total ?? messages.length}>
        <Head messages={messages} picked={picked} onPick={onPick} />
        <tbody>
          <Space height={before} />
          {drawn.map(({ index }) => {
            const message = messages[index];
            return (
              message && (
                <Row
                  key={keyOf(message)}
                  message={message}
                  selected={keyOf(message) === selected}
                  picked={picked.has(keyOf(message))}
                  onSelect={onSelect}
                  onPick={onPick}
                />
              )
            );
          })}
          <Space height={after} />
        </tbody>
      </table>
      {more.has && (
        <Button variant="subtle" m="sm" loading={more.loading} onClick={more.load}>
          {total === undefined ? 'More' : `${count(total - messages.length)} more`}
        </Button>
      )}
    </div>
  );
}

function Head({ messages, picked, onPick }: Pick<Props, 'messages' | 'picked' | 'onPick'>) {
  const keys = messages.map(keyOf);
  const all = keys.every((key) => picked.has(key));
  return (
    <thead>
      <tr>
        <th scope="col" className={classes.pick}>
          <Checkbox
            size="xs"
            aria-label="Pick all that are shown"
            checked={all}
            indeterminate={!all && picked.size > 0}
            onChange={() => onPick(keys, !all)}
          />
        </th>
        <th scope="col">Message</th>
        <th scope="col" className="right">
          Failed
        </th>
      </tr>
    </thead>
  );
}

function Row({ message, selected, picked, onSelect, onPick }: RowProps) {
  const { id, errorMessage, errorCode, queue, orderId, attempts, replays, lastFailedAt } = message;
  return (
    <tr
      data-clickable
      data-selected={selected}
      aria-selected={selected}
      style={{ height: rowHeight }}
      onClick={() => onSelect(keyOf(message))}
    >
      <td className={classes.pick} onClick={(event) => event.stopPropagation()}>
        <Checkbox
          size="xs"
          aria-label={`Pick ${id}`}
          checked={picked}
          onChange={(event) => onPick([keyOf(message)], event.currentTarget.checked)}
        />
      </td>
      <td className={classes.cause}>
        <button
          type="button"
          className={`${classes.choose} ellipsis`}
          title={errorMessage}
          onClick={(event) => {
            event.stopPropagation();
            onSelect(keyOf(message));
          }}
        >
          {errorMessage || errorCode}
        </button>
        <div className={`muted ellipsis ${classes.small}`}>
          <span className="mono" title={id}>
            {shortened(id)}
          </span>
          {orderId && (
            <>
              {' · order '}
              <span className="mono" title={orderId}>
                {shortened(orderId)}
              </span>
            </>
          )}
          {` · ${queue}`}
          {attempts !== undefined && ` · ${attempts} ${attempts === 1 ? 'try' : 'tries'}`}
          {replays > 0 && ` · replayed ${replays}×`}
        </div>
      </td>
      <td className={`right ${classes.times}`}>{lastFailedAt && <TimeAgo at={lastFailedAt} />}</td>
    </tr>
  );
}

type RowProps = Pick<Props, 'onSelect' | 'onPick'> & {
  message: DeadLetter;
  selected: boolean;
  picked: boolean;
};

function Space({ height }: { height: number }) {
  if (height <= 0) return null;
  return (
    <tr aria-hidden>
      <td colSpan={3} style={{ height, padding: 0, border: 0 }} />
    </tr>
  );
}

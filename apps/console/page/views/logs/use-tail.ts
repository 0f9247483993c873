import { useCallback, useEffect, useMemo, useState } from 'react';
import type { LogEntry, LogSearch } from '../../../src/api/logs';
import { get, withQuery, type Query } from '../../api/request';
import { openEvents, type StreamState } from '../../live/event-stream';
import { searchParams } from '../../search/dead-letter-search';
import { arrived, emptyTail, followed, older, resumed, type Row, type Tail } from './tail';

interface LogPage {
  items: LogEntry[];
  nextCursor: string | null;
}

const pageSize = 100;
const drawEveryMs = 100;

/** The lines that fit a search: the latest that are kept, and those that come. */
export function useTail(search: LogSearch) {
  const key = searchParams({ ...search }).toString();
  const query = useMemo(() => Object.fromEntries(new URLSearchParams(key)), [key]);
  const [tail, setTail] = useState<Tail>(emptyTail);
  const [stream, setStream] = useState<StreamState>('connecting');
  const [read, setRead] = useState<{ done: boolean; problem?: unknown }>({ done: false });
  const [tries, setTries] = useState(0);
  const [cursor, setCursor] = useState<string | null>(null);
  const live = search.to === undefined;

  useEffect(() => {
    setTail(({ following }) => ({ ...emptyTail, following }));
    setRead({ done: false });
    setCursor(null);
    return tailOf(query, live, {
      onPage: ({ items, nextCursor }, first) => {
        if (first) setCursor(nextCursor);
        setTail((now) => (first ? older(now, items) : resumed(now, items)));
        setRead({ done: true });
      },
      onProblem: (problem) => setRead({ done: true, problem }),
      onRows: (rows) => setTail((now) => arrived(now, rows)),
      onState: setStream,
    });
  }, [query, live, tries]);

  const follows = useCallback((on: boolean) => setTail((now) => followed(now, on)), []);
  const loadOlder = useCallback(async () => {
    if (cursor === null) return;
    const page = await get<LogPage>('/api/logs', { query: { ...query, limit: pageSize, cursor } });
    setCursor(page.nextCursor);
    setTail((now) => older(now, page.items));
  }, [query, cursor]);

  return {
    tail,
    live,
    stream,
    problem: read.problem,
    loaded: read.done,
    follows,
    loadOlder,
    hasOlder: cursor !== null,
    again: () => setTries((count) => count + 1),
  };
}

interface Listener extends Follow {
  onPage: (page: LogPage, first: boolean) => void;
  onProblem: (problem: unknown) => void;
}

/** What is kept, and what comes, until the reader looks for something else. */
function tailOf(query: Query, live: boolean, listener: Listener): () => void {
  const leaving = new AbortController();
  const { signal } = leaving;
  let first = true;
  const read = () => {
    get<LogPage>('/api/logs', { query: { ...query, limit: pageSize }, signal })
      .then((page) => {
        listener.onPage(page, first);
        first = false;
      })
      .catch((error: unknown) => {
        if (!signal.aborted) listener.onProblem(error);
      });
  };
  if (!live) {
    read();
    return () => leaving.abort();
  }
  // The tail first, then the list: a line that comes by both is known by its id.
  const close = follow(withQuery('/api/logs/tail', query), {
    onRows: listener.onRows,
    onState: (state) => {
      listener.onState(state);
      if (state === 'open') read();
    },
  });
  // What is kept is shown also when the tail does not open.
  const timer = window.setTimeout(() => first && read(), 1_500);
  return () => {
    window.clearTimeout(timer);
    leaving.abort();
    close();
  };
}

interface Follow {
  onRows: (rows: Row[]) => void;
  onState: (state: StreamState) => void;
}

/** Lines are drawn together, at most ten times a second. */
function follow(path: string, { onRows, onState }: Follow): () => void {
  let waiting: Row[] = [];
  let timer: number | undefined;
  const take = (row: Row) => {
    waiting.push(row);
    timer ??= window.setTimeout(() => {
      timer = undefined;
      const rows = waiting;
      waiting = [];
      onRows(rows);
    }, drawEveryMs);
  };
  const close = openEvents(path, {
    onState,
    on: {
      entry: (entry: LogEntry) => take(entry),
      skipped: ({ count }: { count: number | null }) => take({ gap: count }),
    },
  });
  return () => {
    window.clearTimeout(timer);
    close();
  };
}

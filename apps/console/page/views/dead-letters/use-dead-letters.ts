import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import type {
  DeadLetter,
  DeadLetterOverview,
  DeadLetterSearch,
  Replay,
} from '../../../src/api/dead-letters';
import { queryClient, useApi } from '../../api/queries';
import { get } from '../../api/request';
import { useLive } from '../../live/use-live';
import { readDeadLetterSearch, searchParams } from '../../search/dead-letter-search';
import { useSearch } from '../../search/use-search';
import { replayMoves } from './replay-words';

const path = '/api/dead-letters';
const pageSize = 100;

const kind = {
  read: readDeadLetterSearch,
  linked: {
    queue: 'queue',
    code: 'code',
    contract: 'contract',
    messageId: 'id',
    orderId: 'orderId',
    from: 'since',
    to: 'until',
    q: undefined,
  },
  found: ['message', 'picked'],
};

export function useDeadLetterSearch() {
  return useSearch(kind);
}

/**
 * To look at dead letters holds their queues for a moment: it is done once, and again when their
 * number changed or somebody acted, not by the clock.
 */
export function useDeadLetterNews(): void {
  const count = useLive(({ system }) => system?.deadLetters);
  useEffect(() => {
    if (count !== undefined) refreshDeadLetters();
  }, [count]);
}

export function refreshDeadLetters(): void {
  void queryClient.invalidateQueries({
    predicate: ({ queryKey: [first] }) => first === path || first === `${path}/messages`,
  });
}

export function useOverview(search: DeadLetterSearch) {
  const query = Object.fromEntries(searchParams({ ...search }));
  return useApi<DeadLetterOverview>(path, query, { keep: true, staleMs: 30_000 });
}

interface MessagePage {
  items: DeadLetter[];
  nextCursor: string | null;
}

export function useMessages(search: DeadLetterSearch) {
  const query = Object.fromEntries(searchParams({ ...search }));
  return useInfiniteQuery({
    queryKey: [`${path}/messages`, query],
    queryFn: ({ pageParam, signal }) =>
      get<MessagePage>(`${path}/messages`, {
        query: { ...query, cursor: pageParam || undefined, limit: pageSize },
        signal,
      }),
    initialPageParam: '',
    getNextPageParam: ({ nextCursor }) => nextCursor || undefined,
    staleTime: 30_000,
  });
}

/** One that is selected, and not on the pages that were read. */
export function useMessage(id: string | undefined, known: DeadLetter | undefined) {
  const answer = useApi<MessagePage>(
    `${path}/messages`,
    { id, limit: 1 },
    { enabled: id !== undefined && known === undefined, staleMs: 30_000 },
  );
  return { ...answer, message: known ?? answer.data?.items[0] };
}

export const replaysPath = `${path}/replays`;

/** Those that any service knows, newest first; what became of each is asked one by one. */
export function useReplays() {
  return useApi<{ items: Replay[] }>(replaysPath, {}, { everyMs: 10_000, staleMs: 0 });
}

/** One replay, and what became of its messages: asked often while it runs, less while some wait. */
export function useReplay(id: string | undefined) {
  const path = `${replaysPath}/${id}`;
  return useQuery<Replay>({
    queryKey: [path, {}],
    queryFn: ({ signal }) => get<Replay>(path, { signal, timeoutMs: 30_000 }),
    enabled: id !== undefined,
    staleTime: 0,
    refetchInterval: ({ state: { data } }) => {
      if (!data || !replayMoves(data)) return false;
      if (data.state === 'running') return 1_000;
      return Date.now() - data.startedAt < 60_000 ? 2_000 : 10_000;
    },
  });
}

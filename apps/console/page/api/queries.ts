import {
  keepPreviousData,
  MutationCache,
  QueryCache,
  QueryClient,
  useQuery,
} from '@tanstack/react-query';
import { ApiProblem, get, type Query } from './request';

export const sessionKey = ['/api/session'];

/** Who is no longer signed in is asked for the token, whatever the page was about to do. */
function onError(error: unknown): void {
  if (error instanceof ApiProblem && error.status === 401) askSessionAgain();
}

/** Also when the server came back: it may be another one. */
export function askSessionAgain(): void {
  void queryClient.invalidateQueries({ queryKey: sessionKey });
}

export const queryClient: QueryClient = new QueryClient({
  queryCache: new QueryCache({ onError }),
  mutationCache: new MutationCache({ onError }),
  defaultOptions: {
    queries: {
      staleTime: 1_000,
      retry: (count, error) => count < 2 && !(error instanceof ApiProblem && error.status >= 400),
      refetchOnWindowFocus: true,
    },
  },
});

interface Options {
  /** Asked anew each so many milliseconds, while the page is seen. */
  everyMs?: number;
  enabled?: boolean;
  /** While another query of it is asked, the last answer stays. */
  keep?: boolean;
  staleMs?: number;
}

/** An answer of the API; its key is its path and query, so that views share it. */
export function useApi<T>(path: string, query: Query = {}, options: Options = {}) {
  return useQuery<T>({
    queryKey: [path, query],
    queryFn: ({ signal }) => get<T>(path, { query, signal }),
    refetchInterval: options.everyMs ?? false,
    enabled: options.enabled ?? true,
    placeholderData: options.keep ? keepPreviousData : undefined,
    ...(options.staleMs !== undefined && { staleTime: options.staleMs }),
  });
}

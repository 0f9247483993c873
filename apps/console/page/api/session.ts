import { useQuery } from '@tanstack/react-query';
import type { Session } from '../../src/api/session';
import { queryClient, sessionKey } from './queries';
import { get, post } from './request';

/** `closed`: the server asks for a token, and has none of this browser. */
export function useSession(): { data?: Session; closed: boolean } {
  const { data } = useQuery<Session>({
    queryKey: sessionKey,
    queryFn: ({ signal }) => get<Session>('/api/session', { signal }),
    staleTime: 60_000,
    refetchInterval: 60_000,
  });
  return { data, closed: data !== undefined && !data.open && !data.signedIn };
}

export async function signIn(token: string): Promise<void> {
  const session = await post<Session>('/api/session', { token });
  queryClient.setQueryData(sessionKey, session);
}

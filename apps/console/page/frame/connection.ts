import { useLive, useNow } from '../live/use-live';
import { duration } from '../parts/format';

interface Connection {
  state: 'live' | 'behind' | 'lost';
  text: string;
}

/** The picture's age, so that a frozen one never looks live. */
export function useConnection(): Connection {
  const stream = useLive((live) => live.stream);
  const heardAt = useLive((live) => live.heardAt);
  const now = useNow();
  if (stream === 'connecting' || (stream === 'open' && heardAt === 0)) {
    return { state: 'behind', text: 'connecting' };
  }
  if (stream === 'paused') return { state: 'behind', text: 'paused' };
  const age = now - heardAt;
  if (stream === 'reconnecting') {
    const since = heardAt > 0 ? ` · ${duration(Math.max(1_000, age))} old` : '';
    return { state: 'lost', text: `reconnecting${since}` };
  }
  if (age < 2_600) return { state: 'live', text: 'live' };
  return { state: 'behind', text: `${duration(Math.floor(age / 1_000) * 1_000)} behind` };
}

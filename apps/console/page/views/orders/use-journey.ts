import { useEffect, useRef, useState } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import type { Journey } from '../../../src/api/journey';
import { useApi } from '../../api/queries';
import { openEvents } from '../../live/event-stream';

const drawEveryMs = 100;

/** An order's journey: read once, then told as it happens, until nothing of it changes. */
export function useJourney(id: string) {
  const path = `/api/orders/${encodeURIComponent(id)}/journey`;
  const query = useApi<Journey>(path, {}, { staleMs: 5_000 });
  const client = useQueryClient();
  const [live, setLive] = useState(false);
  const timer = useRef<number>(undefined);
  const follows = query.data !== undefined && !query.data.ended;
  useEffect(() => {
    if (!follows) return;
    let newest: Journey | undefined;
    const draw = () => {
      timer.current = undefined;
      if (newest) client.setQueryData([path, {}], newest);
    };
    const close = openEvents(`${path}/live`, {
      onState: (state) => setLive(state === 'open'),
      on: {
        journey: (journey: Journey) => {
          newest = journey;
          timer.current ??= window.setTimeout(draw, drawEveryMs);
        },
      },
    });
    return () => {
      close();
      window.clearTimeout(timer.current);
      timer.current = undefined;
      draw();
    };
  }, [client, path, follows]);
  return { ...query, follows, live };
}

import { Button } from '@mantine/core';
import { useEffect, useRef } from 'react';
import type { Replay } from '../../../src/api';
import { counted } from '../../parts/format';
import { Problem } from '../../parts/states';
import { useUrl } from '../../url/search-params';
import classes from './dead-letters.module.css';
import type { Asked, Done } from './dialogs';
import { ReplayProgress } from './replay-progress';
import { operationWords, replayMoves } from './replay-words';
import { refreshDeadLetters, useReplays } from './use-dead-letters';

interface Props {
  done: Done | undefined;
  onHide: () => void;
  onAsk: (asked: Asked) => void;
}

/** What was asked for from here, on its way or done. */
export function Outcomes({ done, onHide, onAsk }: Props) {
  const { get, set } = useUrl();
  const replays = useReplays();
  const shown = (replays.data?.items ?? []).filter(
    (replay) =>
      replay.id === get('replay') || replay.state === 'running' || replay.state === 'paused',
  );
  useRefreshAtChange(replays.data?.items ?? []);
  if (!done && shown.length === 0 && !replays.isError) return null;
  return (
    <div className={classes.replays}>
      {done && (
        <div className={classes.outcome} role="status">
          <span>{operationWords(done.act, done.result)}</span>
          {done.act === 'discard' && (
            <Button
              variant="default"
              onClick={() =>
                onAsk({
                  act: 'undo',
                  what: operationWords(done.act, done.result),
                  operation: done.result,
                })
              }
            >
              Undo…
            </Button>
          )}
          <Button variant="subtle" onClick={onHide}>
            Hide
          </Button>
        </div>
      )}
      {replays.isError && <Problem error={replays.error} />}
      {shown.map((replay) => (
        <ReplayProgress
          key={replay.id}
          replay={replay}
          onUndo={() => onAsk(undoOf(replay))}
          onHide={() => set({ replay: undefined }, { replace: true })}
        />
      ))}
    </div>
  );
}

function undoOf({ service, operation = 0, sent }: Replay): Asked {
  return {
    act: 'undo',
    what: `A replay of ${service} sent ${counted(sent, 'message')}.`,
    operation: { service, operation },
  };
}

/** What a replay sends leaves the lists: they are read again while it runs, and when it ends. */
function useRefreshAtChange(replays: Replay[]): void {
  const moving = replays.filter(replayMoves);
  const key = moving.map(({ id, state, failedAgain }) => `${id} ${state} ${failedAgain}`).join();
  const before = useRef(key);
  useEffect(() => {
    if (before.current === key) return;
    before.current = key;
    refreshDeadLetters();
  }, [key]);
}

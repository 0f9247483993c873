import { Button } from '@mantine/core';
import { useEffect } from 'react';
import type { Replay } from '../../../src/api/dead-letters';
import { counted } from '../../parts/format';
import { Outcome } from '../../parts/outcome';
import { Problem } from '../../parts/states';
import { useUrl } from '../../url/search-params';
import classes from './dead-letters.module.css';
import type { Asked, Done } from './dialogs';
import { ReplayProgress } from './replay-progress';
import { operationWords } from './replay-words';
import { refreshDeadLetters, useReplay, useReplays } from './use-dead-letters';

interface Props {
  done: Done | undefined;
  onHide: () => void;
  onAsk: (asked: Asked) => void;
}

/** What was asked for from here, on its way or done. */
export function Outcomes({ done, onHide, onAsk }: Props) {
  const { get, set } = useUrl();
  const replays = useReplays();
  const items = replays.data?.items ?? [];
  const running = items.filter(({ state }) => state === 'running' || state === 'paused');
  const chosen = get('replay');
  const shown = new Set([...(chosen ? [chosen] : []), ...running.map(({ id }) => id)]);
  if (!done && shown.size === 0 && !replays.isError) return null;
  return (
    <div className={classes.replays}>
      {done && (
        <Outcome onHide={onHide}>
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
        </Outcome>
      )}
      {replays.isError && <Problem error={replays.error} />}
      {[...shown].map((id) => (
        <OneReplay
          key={id}
          id={id}
          onAsk={onAsk}
          onHide={() => set({ replay: undefined }, { replace: true })}
        />
      ))}
    </div>
  );
}

type OneProps = { id: string; onAsk: Props['onAsk']; onHide: () => void };

function OneReplay({ id, onAsk, onHide }: OneProps) {
  const answer = useReplay(id);
  const { data } = answer;
  // What a replay sends leaves the lists: they are read again when it goes on, and when it ends.
  const change = data && `${data.state} ${data.failedAgain}`;
  useEffect(() => {
    if (change !== undefined) refreshDeadLetters();
  }, [change]);
  return (
    <>
      {data && <ReplayProgress replay={data} onUndo={() => onAsk(undoOf(data))} onHide={onHide} />}
      {answer.isError && (
        <Outcome onHide={onHide}>
          <Problem error={answer.error} />
        </Outcome>
      )}
    </>
  );
}

function undoOf({ service, operation = 0, sent }: Replay): Asked {
  return {
    act: 'undo',
    what: `A replay of ${service} sent ${counted(sent, 'message')}.`,
    operation: { service, operation },
  };
}

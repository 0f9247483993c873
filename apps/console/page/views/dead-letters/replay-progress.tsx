import { Button, Group } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { Replay } from '../../../src/api/dead-letters';
import { queryClient } from '../../api/queries';
import { post } from '../../api/request';
import { count } from '../../parts/format';
import { Problem } from '../../parts/states';
import { TimeAgo } from '../../parts/time-ago';
import { listed } from '../words';
import classes from './replay-progress.module.css';
import { leftOf, replayState } from './replay-words';
import { replaysPath } from './use-dead-letters';

interface Props {
  replay: Replay;
  onUndo: (replay: Replay) => void;
  onHide?: () => void;
}

/** A replay while it runs, and what became of its messages. */
export function ReplayProgress({ replay, onUndo, onHide }: Props) {
  const queues = [...new Set(replay.messages.map(({ queue }) => queue))];
  const runs = replay.state === 'running' || replay.state === 'paused';
  return (
    <section className={classes.replay} aria-label={`Replay of ${replay.service}`}>
      <div className={classes.head}>
        <span className={classes.name}>
          Replay to {queues.length > 0 ? listed(queues) : replay.service}
        </span>
        <span className="muted">
          <TimeAgo at={replay.startedAt} /> by {replay.by}
          {replay.rate !== undefined && ` · at ${count(replay.rate)}/s`}
        </span>
      </div>
      <p className={classes.words} role="status" data-failed={replay.state === 'failed'}>
        {replayState(replay)}
      </p>
      <Shares replay={replay} />
      <Counters replay={replay} />
      <Acts replay={replay} onUndo={onUndo} onHide={runs ? undefined : onHide} />
    </section>
  );
}

function Shares({ replay }: { replay: Replay }) {
  const { selected, handled, failedAgain, waiting, stayed } = replay;
  const shares: [name: string, count: number][] = [
    ['handled', handled],
    ['failed', failedAgain + stayed.length],
    ['waiting', waiting],
  ];
  return (
    <div className={classes.shares} aria-hidden>
      {shares.map(([name, messages]) => (
        <i
          key={name}
          data-share={name}
          style={{ width: `${(100 * messages) / Math.max(1, selected)}%` }}
        />
      ))}
    </div>
  );
}

function Counters({ replay }: { replay: Replay }) {
  const { sent, handled, failedAgain, waiting, stayed } = replay;
  const counters: [string, number, string?][] = [
    ['sent', sent],
    ['handled', handled, 'handled'],
    ['failed again', failedAgain, 'failed'],
    ['waiting', waiting, 'waiting'],
    ['left', leftOf(replay)],
    ...(stayed.length > 0 ? [['stayed', stayed.length, 'failed'] as [string, number, string]] : []),
  ];
  return (
    <dl className={classes.counters}>
      {counters.map(([name, value, share]) => (
        <div key={name}>
          <dt>
            {share && <i data-share={share} aria-hidden />}
            {name}
          </dt>
          <dd>{count(value)}</dd>
        </div>
      ))}
    </dl>
  );
}

type Act = 'pause' | 'resume' | 'stop';

function Acts({ replay, onUndo, onHide }: Props) {
  const act = useMutation({
    mutationFn: (name: Act) => post<Replay>(`${replaysPath}/${replay.id}/${name}`),
    onSettled: () =>
      queryClient.invalidateQueries({
        predicate: ({ queryKey: [path] }) => String(path).startsWith(replaysPath),
      }),
  });
  const button = (name: Act, text: string) => (
    <Button
      variant="default"
      loading={act.isPending && act.variables === name}
      disabled={act.isPending}
      onClick={() => act.mutate(name)}
    >
      {text}
    </Button>
  );
  const { state, operation } = replay;
  return (
    <>
      {act.isError && <Problem error={act.error} />}
      <Group gap="xs" mt="sm">
        {state === 'running' && button('pause', 'Pause')}
        {state === 'paused' && button('resume', 'Resume')}
        {(state === 'running' || state === 'paused') && button('stop', 'Stop')}
        {state !== 'running' && state !== 'paused' && operation !== undefined && (
          <Button variant="default" onClick={() => onUndo(replay)}>
            Undo…
          </Button>
        )}
        {onHide && (
          <Button variant="subtle" onClick={onHide}>
            Hide
          </Button>
        )}
      </Group>
    </>
  );
}

import { Button, Group, Modal } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { ReplayPreview } from '@tradepost/messaging/ops';
import type { DeadLetter, Replay } from '../../../src/api/dead-letters';
import { post } from '../../api/request';
import { Problem } from '../../parts/states';
import { ActProblem } from '../act-problem';
import { BodyEditor } from './body-editor';
import { bodyProblem, contractProblems, indented, type TextProblem } from './body-text';
import classes from './dead-letters.module.css';
import { DiffView } from './diff-view';
import { checkTimeoutMs } from './replay-dialog';
import { targetOfOne } from './selection';

interface Props {
  message: DeadLetter;
  onClose: () => void;
  onStarted: (replay: Replay) => void;
}

/** Another body for one message: asked of its contract while it is written, compared, sent. */
export function EditDialog({ message, onClose, onStarted }: Props) {
  const before = useMemo(() => indented(message.body), [message.body]);
  const [text, setText] = useState(before);
  const { selection } = targetOfOne(message);
  const own = bodyProblem(text);
  const asked = useContractCheck(message, text, own === undefined);
  const problems = own ? [own] : asked.problems;
  const changed = text !== before;
  const send = useMutation({
    mutationFn: () =>
      post<Replay>(
        '/api/dead-letters/replay',
        { selection, body: JSON.parse(text) as unknown },
        { timeoutMs: checkTimeoutMs },
      ),
    onSuccess: onStarted,
  });
  return (
    <Modal opened onClose={onClose} title={`Edit, then send to ${message.queue}`} size={760}>
      <BodyEditor text={text} problems={problems} onText={setText} />
      <p className={classes.verdict} role="status">
        {verdict(problems, asked, own !== undefined)}
      </p>
      {asked.error !== null && own === undefined && <Problem error={asked.error} />}
      <h3 className={classes.subtitle}>Changes</h3>
      <DiffView before={before} after={text} />
      {send.isError && <ActProblem error={send.error} look="Look at the list and at Operations" />}
      <Group justify="flex-end" mt="md">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        {changed && (
          <Button variant="default" onClick={() => setText(before)}>
            Start over
          </Button>
        )}
        <Button
          disabled={!changed || problems.length > 0 || !asked.settled}
          loading={send.isPending}
          onClick={() => send.mutate()}
        >
          Send the edited message
        </Button>
      </Group>
    </Modal>
  );
}

interface Asked {
  problems: TextProblem[];
  /** The answer is of the text as it stands. */
  settled: boolean;
  unchecked: boolean;
  error: unknown;
}

function useContractCheck(message: DeadLetter, text: string, sound: boolean): Asked {
  const [asked] = useDebouncedValue(text, 400);
  const { selection } = targetOfOne(message);
  const current = sound && asked === text;
  const check = useQuery({
    queryKey: ['/api/dead-letters/check', selection, asked],
    queryFn: ({ signal }) =>
      post<ReplayPreview>(
        '/api/dead-letters/check',
        { selection, body: JSON.parse(asked) as unknown },
        { signal, timeoutMs: checkTimeoutMs },
      ),
    enabled: current,
    retry: false,
    gcTime: 60_000,
    staleTime: 60_000,
    refetchOnWindowFocus: false,
  });
  const { data } = check;
  const settled = current && data !== undefined && data.wouldSend > 0;
  const problems = current ? (data?.invalid ?? []) : [];
  const gone =
    current && data?.wouldSend === 0
      ? [{ message: 'This message is no dead letter any more: it cannot be sent from here.' }]
      : [];
  return {
    problems: [...gone, ...problems.flatMap(({ problem }) => contractProblems(problem, text))],
    settled,
    unchecked: settled && data.unchecked > 0,
    error: current ? check.error : null,
  };
}

function verdict(problems: TextProblem[], asked: Asked, unsound: boolean): string {
  if (unsound) return 'This is no body yet.';
  if (problems.length > 0) return 'The contract refuses this body.';
  if (asked.error !== null) return 'The contract could not be asked, so nothing can be sent.';
  if (!asked.settled) return 'Asking the contract…';
  return asked.unchecked
    ? 'No contract of this message is known here: nothing checks this body.'
    : 'The contract accepts this body.';
}

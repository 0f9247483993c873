import { Button, Checkbox, Group, Modal, NumberInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import type { ReplayPreview } from '@tradepost/messaging/ops';
import { useState } from 'react';
import type { Replay } from '../../../src/api/dead-letters';
import { post } from '../../api/request';
import { counted } from '../../parts/format';
import { LateSkeleton } from '../../parts/late-skeleton';
import { Problem } from '../../parts/states';
import { ActProblem } from '../act-problem';
import classes from './dead-letters.module.css';
import { replayPlan } from './replay-words';
import type { Target } from './selection';

interface Props {
  target: Target;
  onClose: () => void;
  onStarted: (replay: Replay) => void;
}

/** How long a look at the dead letters may take: the queues are gone through one by one. */
export const checkTimeoutMs = 45_000;

/** Says what will happen, and starts it. */
export function ReplayDialog({ target, onClose, onStarted }: Props) {
  const [rate, setRate] = useState<number | undefined>(50);
  const check = useQuery({
    queryKey: ['/api/dead-letters/check', target.selection],
    queryFn: ({ signal }) =>
      post<ReplayPreview>(
        '/api/dead-letters/check',
        { selection: target.selection },
        { signal, timeoutMs: checkTimeoutMs },
      ),
    retry: false,
    staleTime: 0,
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
  const start = useMutation({
    mutationFn: () =>
      post<Replay>(
        '/api/dead-letters/replay',
        { selection: target.selection, ...(rate !== undefined && { rate }) },
        { timeoutMs: checkTimeoutMs },
      ),
    onSuccess: onStarted,
  });
  const messages = check.data?.wouldSend ?? 0;
  return (
    <Modal opened onClose={onClose} title="Replay" size="lg">
      {check.isPending && <LateSkeleton lines={2} />}
      {check.isError && <CheckFailed error={check.error} onRetry={() => void check.refetch()} />}
      {check.data && (
        <>
          <p className="plan" role="status">
            {replayPlan(check.data, target.queues, rate)}
          </p>
          <p className="muted">
            They keep their message ids: what was handled after all is not handled twice. Their
            tries begin anew.
          </p>
          <Refused check={check.data} />
          {messages > 1 && <Rate rate={rate} onRate={setRate} />}
        </>
      )}
      {start.isError && (
        <ActProblem error={start.error} look="Look at the list and at Operations" />
      )}
      <Group justify="flex-end" mt="md">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button
          data-autofocus
          disabled={messages === 0}
          loading={start.isPending}
          onClick={() => start.mutate()}
        >
          Send {counted(messages, 'message')}
        </Button>
      </Group>
    </Modal>
  );
}

function CheckFailed({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  return (
    <>
      <p className="plan">What would be sent could not be found out. Nothing was sent.</p>
      <Problem error={error} />
      <Button variant="default" onClick={onRetry}>
        Ask again
      </Button>
    </>
  );
}

function Rate({ rate, onRate }: { rate?: number; onRate: (rate?: number) => void }) {
  return (
    <Group align="flex-end" mt="md">
      <NumberInput
        label="Messages a second"
        size="xs"
        w={140}
        min={1}
        max={100_000}
        allowDecimal={false}
        clampBehavior="strict"
        disabled={rate === undefined}
        value={rate ?? ''}
        onChange={(value) => onRate(Math.max(1, Number(value) || 1))}
      />
      <Checkbox
        size="xs"
        mb={8}
        label="As fast as the broker confirms"
        checked={rate === undefined}
        onChange={(event) => onRate(event.currentTarget.checked ? undefined : 50)}
      />
    </Group>
  );
}

function Refused({ check }: { check: ReplayPreview }) {
  const shown = check.invalid.slice(0, 20);
  if (shown.length === 0) return null;
  return (
    <details className={classes.refused}>
      <summary>What the contract refuses</summary>
      <ul>
        {shown.map(({ id, queue, problem }) => (
          <li key={`${id} ${queue}`}>
            <span className="mono">{id}</span> {problem}
          </li>
        ))}
      </ul>
      {check.invalid.length > shown.length && (
        <p className="muted">and {check.invalid.length - shown.length} more</p>
      )}
    </details>
  );
}

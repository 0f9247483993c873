import { Button, Group, Modal } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { OperationResult } from '../../../src/api/dead-letters';
import { post } from '../../api/request';
import { ActProblem } from '../act-problem';
import { discardPlan } from './replay-words';
import type { Target } from './selection';

interface Props {
  target: Target;
  onClose: () => void;
  onDone: (result: OperationResult) => void;
}

const timeoutMs = 60_000;

export function DiscardDialog({ target, onClose, onDone }: Props) {
  const discard = useMutation({
    mutationFn: () =>
      post<OperationResult>(
        '/api/dead-letters/discard',
        { selection: target.selection },
        { timeoutMs },
      ),
    onSuccess: onDone,
  });
  const one = target.count === 1;
  return (
    <Modal opened onClose={onClose} title="Discard" size="lg">
      <p className="plan">{discardPlan(target)}</p>
      <p className="muted">
        {`The audit trail keeps ${one ? 'it' : 'them'} for a year, and Undo puts ${
          one ? 'it' : 'them'
        } back.`}
      </p>
      {discard.isError && (
        <ActProblem error={discard.error} look="Look at the list and at Operations" />
      )}
      <Group justify="flex-end" mt="md">
        <Button variant="default" data-autofocus onClick={onClose}>
          Cancel
        </Button>
        <Button
          color="var(--failed)"
          c="var(--on-failed)"
          loading={discard.isPending}
          onClick={() => discard.mutate()}
        >
          Discard {one ? 'it' : 'them'}
        </Button>
      </Group>
    </Modal>
  );
}

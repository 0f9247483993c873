import { Button, Group, Modal } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { OperationResult } from '../../../src/api/dead-letters';
import { post } from '../../api/request';
import { ActProblem } from '../act-problem';

interface Props {
  /** In words: "Replay of 412 messages". */
  what: string;
  operation: { service: string; operation: number };
  onClose: () => void;
  onDone: (result: OperationResult) => void;
}

const timeoutMs = 60_000;

export function UndoDialog({ what, operation: undone, onClose, onDone }: Props) {
  const { service, operation } = undone;
  const undo = useMutation({
    mutationFn: () =>
      post<OperationResult>('/api/dead-letters/undo', { service, operation }, { timeoutMs }),
    onSuccess: onDone,
  });
  return (
    <Modal opened onClose={onClose} title="Undo" size="lg">
      <p style={{ marginTop: 0 }}>{what}</p>
      <p>
        The messages become dead letters again, byte for byte as they were; one that is a dead
        letter already stays as it is.
      </p>
      <p className="muted">
        What a replay has sent cannot be recalled: a handler may have it, or have done it. Sent
        again later, it is not handled twice.
      </p>
      {undo.isError && <ActProblem error={undo.error} look="Look at the dead letters" />}
      <Group justify="flex-end" mt="md">
        <Button variant="default" data-autofocus onClick={onClose}>
          Cancel
        </Button>
        <Button loading={undo.isPending} onClick={() => undo.mutate()}>
          Put them back
        </Button>
      </Group>
    </Modal>
  );
}

import { Button, Group, Modal } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { DrillsState } from '../../../src/api/drills';
import { post } from '../../api/request';
import { ActProblem } from '../act-problem';
import type { Drill } from './drill-card';

export interface AskedDrill {
  drill: Drill;
  service?: string;
}

interface Props {
  asked: AskedDrill;
  onClose: () => void;
  onHeard: (state: DrillsState) => void;
}

/** Says once more what will break, before it does. */
export function DrillDialog({ asked: { drill, service }, onClose, onHeard }: Props) {
  const { name, title, breaks, expect, seconds } = drill;
  const start = useMutation({
    mutationFn: () =>
      post<DrillsState>(`/api/drills/${name}`, {
        ...(service !== undefined && { service }),
        ...(seconds !== undefined && { seconds }),
      }),
    onSuccess: (state) => {
      onHeard(state);
      onClose();
    },
  });
  return (
    <Modal opened onClose={onClose} title={service ? `${title}: ${service}` : title}>
      <p className="plan">
        {breaks}
        {seconds !== undefined && ` For ${seconds} s.`}
      </p>
      <p className="muted">What should happen: {expect}</p>
      {start.isError && <ActProblem error={start.error} look="Look at the workers" />}
      <Group justify="flex-end" mt="md">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button data-autofocus loading={start.isPending} onClick={() => start.mutate()}>
          {title}
        </Button>
      </Group>
    </Modal>
  );
}

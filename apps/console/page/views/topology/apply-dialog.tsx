import { Button, Group, Modal } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { TopologyApplied, TopologyDifference } from '../../../src/api/topology';
import { post } from '../../api/request';
import { counted } from '../../parts/format';
import { ActProblem } from '../act-problem';
import { differenceWords } from './topology-words';
import classes from './topology.module.css';

interface Props {
  safe: TopologyDifference[];
  onClose: () => void;
  onApplied: (applied: TopologyApplied) => void;
}

const timeoutMs = 60_000;

export function ApplyDialog({ safe, onClose, onApplied }: Props) {
  const apply = useMutation({
    mutationFn: () => post<TopologyApplied>('/api/topology/apply', {}, { timeoutMs }),
    onSuccess: onApplied,
  });
  return (
    <Modal opened onClose={onClose} title="Apply what is safe" size="lg">
      <p className="plan">
        {counted(safe.length, 'difference')} of the broker {safe.length === 1 ? 'is' : 'are'}{' '}
        mended. Nothing is deleted that holds a message.
      </p>
      <ul className={classes.list}>
        {safe.map((one) => (
          <li key={`${one.what} ${one.name}`}>
            <span>
              {differenceWords(one)} <span className="muted">{one.remedy}</span>
            </span>
          </li>
        ))}
      </ul>
      {apply.isError && <ActProblem error={apply.error} look="Look again" />}
      <Group justify="flex-end" mt="md">
        <Button variant="default" data-autofocus onClick={onClose}>
          Cancel
        </Button>
        <Button loading={apply.isPending} onClick={() => apply.mutate()}>
          Apply
        </Button>
      </Group>
    </Modal>
  );
}

import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react';
import type { PauseOutcome } from '../../../src/api/queues';
import { post } from '../../api/request';
import { counted } from '../../parts/format';
import { Problem } from '../../parts/states';

interface Props {
  service: string;
  queue: string;
  handler: string;
  paused: boolean;
}

/** Pauses a handler in all instances, and says which of them did. */
export function PauseButton({ service, queue, handler, paused }: Props) {
  const act = paused ? 'resume' : 'pause';
  const doing = useMutation({
    mutationFn: () => post<PauseOutcome>(`/api/handlers/${act}`, { service, queue }),
  });
  const Icon = paused ? IconPlayerPlay : IconPlayerPause;
  return (
    <div>
      <Button
        size="compact-xs"
        variant="default"
        leftSection={<Icon size={12} aria-hidden />}
        loading={doing.isPending}
        onClick={() => doing.mutate()}
        aria-label={`${paused ? 'Resume' : 'Pause'} ${handler}`}
      >
        {paused ? 'Resume' : 'Pause'}
      </Button>
      {doing.error && <Problem error={doing.error} />}
      {doing.data && <Outcome outcome={doing.data} />}
    </div>
  );
}

function Outcome({ outcome: { instances } }: { outcome: PauseOutcome }) {
  const failed = instances.filter(({ ok }) => !ok);
  if (failed.length === 0) {
    return (
      <p className="muted" role="status" style={{ margin: 0, fontSize: 12 }}>
        done in {counted(instances.length, 'instance')}
      </p>
    );
  }
  const words = failed.map(({ id, problem }) => `${id}: ${problem ?? 'refused'}`).join('; ');
  const done = counted(instances.length - failed.length, 'instance');
  return <Problem error={`Done in ${done}. Not in ${words}`} />;
}

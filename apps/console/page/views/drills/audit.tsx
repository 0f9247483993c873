import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { DrillsState } from '../../../src/api/drills';
import { post } from '../../api/request';
import { StateBadge } from '../../parts/badge';
import { Problem } from '../../parts/states';
import { TimeAgo } from '../../parts/time-ago';
import classes from './drills.module.css';

interface Props {
  audit: DrillsState['audit'];
  onHeard: (state: DrillsState) => void;
}

const verdicts = {
  running: { tone: 'waiting', text: 'asks every service' },
  clean: { tone: 'ok', text: 'clean' },
  violated: { tone: 'failed', text: 'violated' },
  failed: { tone: 'failed', text: 'could not be made' },
} as const;

/** Whether orders, payments, books and gateway agree: the verdict on a drill. */
export function Audit({ audit, onHeard }: Props) {
  const begin = useMutation({
    mutationFn: () => post<DrillsState>('/api/drills/audit'),
    onSuccess: onHeard,
  });
  const verdict = audit && verdicts[audit.state];
  const runs = audit?.state === 'running';
  return (
    <section className={classes.part} aria-label="Audit">
      <div className={classes.partHead}>
        <h2>Audit</h2>
        {audit && verdict && (
          <span role="status">
            <StateBadge tone={verdict.tone}>{verdict.text}</StateBadge>{' '}
            <span className="muted">
              <TimeAgo at={audit.at} />
            </span>
          </span>
        )}
        <Button variant="default" loading={begin.isPending || runs} onClick={() => begin.mutate()}>
          Audit now
        </Button>
      </div>
      <p className="muted">Whether orders, payments, books and the gateway agree.</p>
      {begin.isError && <Problem error={begin.error} />}
      {audit && audit.lines.length > 0 && (
        <pre className={classes.lines} tabIndex={0} aria-label="What the audit says">
          {audit.lines.join('\n')}
        </pre>
      )}
    </section>
  );
}

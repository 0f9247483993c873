import { Button, Group, Modal, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { Alert } from '../../../src/api/logs';
import { queryClient, useApi } from '../../api/queries';
import { post } from '../../api/request';
import { useLive } from '../../live/use-live';
import { StateBadge } from '../../parts/badge';
import { Chip } from '../../parts/chip';
import { absolute, count } from '../../parts/format';
import { LateSkeleton } from '../../parts/late-skeleton';
import { Problem } from '../../parts/states';
import { TimeAgo } from '../../parts/time-ago';
import { useUrl } from '../../url/search-params';
import classes from './logs.module.css';

const path = '/api/alerts';

/** Warnings of a kind, and critical lines: those that nobody has seen, or all. */
export function Alerts({ onFilter }: { onFilter: (alert: Alert) => void }) {
  const { get, set } = useUrl();
  const all = get('alerts') === 'all';
  const [asked, ask] = useState<Alert>();
  const alerts = useApi<{ items: Alert[] }>(
    path,
    { acknowledged: all ? undefined : false, limit: 50 },
    { keep: true, everyMs: 15_000 },
  );
  useNews();
  const items = alerts.data?.items ?? [];
  return (
    <section className={classes.alerts} aria-label="Alerts">
      <div className={classes.alertsHead}>
        <h2>Alerts</h2>
        <span className="muted">
          {alerts.isSuccess && items.length === 0 && (all ? 'none was raised' : 'none is open')}
        </span>
        <Chip on={all} onClick={() => set({ alerts: all ? undefined : 'all' }, { replace: true })}>
          acknowledged too
        </Chip>
      </div>
      {alerts.isPending && <LateSkeleton lines={2} />}
      {alerts.isError && <Problem error={alerts.error} />}
      {items.length > 0 && (
        <div className={classes.alertRows} tabIndex={0} role="group" aria-label="List of alerts">
          <table className="rows">
            <thead className="unseen">
              <tr>
                {['Level', 'Count', 'Alert', 'Last', 'Acknowledged'].map((name) => (
                  <th key={name} scope="col">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {items.map((alert) => (
                <Row key={alert.id} alert={alert} onAsk={ask} onFilter={onFilter} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {asked && <Acknowledge alert={asked} onClose={() => ask(undefined)} />}
    </section>
  );
}

/** The live store tells how many are open. */
function useNews(): void {
  const critical = useLive(({ system }) => system?.alerts.critical);
  const warning = useLive(({ system }) => system?.alerts.warning);
  useEffect(() => {
    void queryClient.invalidateQueries({ queryKey: [path] });
  }, [critical, warning]);
}

type RowProps = { alert: Alert; onAsk: (alert: Alert) => void; onFilter: (alert: Alert) => void };

function Row({ alert, onAsk, onFilter }: RowProps) {
  const { level, service, message, count: lines = 1, acknowledged, time } = alert;
  const last = typeof alert.lastTime === 'string' ? alert.lastTime : time;
  return (
    <tr>
      <td className="nowrap">
        <StateBadge tone={level === 'critical' ? 'failed' : 'retry'}>{level}</StateBadge>
      </td>
      <td className="right nowrap">{count(lines)}×</td>
      <td className={classes.alert}>
        <button
          type="button"
          className={classes.message}
          title="Show its lines"
          onClick={() => onFilter(alert)}
        >
          {message}
        </button>{' '}
        <span className="muted">{service}</span>
      </td>
      <td className={`nowrap muted ${classes.alertTime}`}>
        <TimeAgo at={last} />
      </td>
      <td className="right">
        {acknowledged ? (
          <span className="muted nowrap" title={seenWords(acknowledged)}>
            ✓ {acknowledged.by}
          </span>
        ) : (
          <Button variant="default" size="compact-xs" onClick={() => onAsk(alert)}>
            Acknowledge…
          </Button>
        )}
      </td>
    </tr>
  );
}

function seenWords({ at, note }: { at: string; note?: string }): string {
  return `${absolute(Date.parse(at))}${note ? `: ${note}` : ''}`;
}

function Acknowledge({ alert, onClose }: { alert: Alert; onClose: () => void }) {
  const [note, setNote] = useState('');
  const acknowledge = useMutation({
    mutationFn: () =>
      post<Alert>(`${path}/${encodeURIComponent(alert.id)}/acknowledge`, note ? { note } : {}),
    onSuccess: async () => {
      onClose();
      await queryClient.invalidateQueries({ queryKey: [path] });
    },
  });
  return (
    <Modal opened onClose={onClose} title="Acknowledge an alert">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          acknowledge.mutate();
        }}
      >
        <p style={{ marginTop: 0 }}>
          {alert.service}: {alert.message}
        </p>
        <p className="muted">It says that somebody looks after it. It changes nothing else.</p>
        <TextInput
          data-autofocus
          label="Note"
          placeholder="the provider knows"
          maxLength={500}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
        {acknowledge.isError && <Problem error={acknowledge.error} />}
        <Group justify="flex-end" mt="md">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={acknowledge.isPending}>
            Acknowledge
          </Button>
        </Group>
      </form>
    </Modal>
  );
}

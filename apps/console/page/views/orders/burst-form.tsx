import { Button, NumberInput, Progress } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { Burst, NewOrder } from '../../../src/api/orders';
import { useApi } from '../../api/queries';
import { post } from '../../api/request';
import { count, duration } from '../../parts/format';
import { Problem } from '../../parts/states';
import { useUrl } from '../../url/search-params';
import classes from './orders.module.css';

/** Many of an order, at a rate; the burst that runs stands in the URL. */
export function BurstForm({ order }: { order: NewOrder }) {
  const [many, setMany] = useState(200);
  const [rate, setRate] = useState(50);
  const { get, set } = useUrl();
  const id = get('burst');
  const starting = useMutation({
    mutationFn: () => post<Burst>('/api/bursts', { ...order, count: many, rate }),
    onSuccess: (burst) => set({ burst: burst.id }, { replace: true }),
  });
  return (
    <>
      <div className={classes.pair}>
        <NumberInput
          label="Orders"
          min={1}
          max={5_000}
          clampBehavior="strict"
          value={many}
          onChange={(value) => setMany(Number(value) || 1)}
        />
        <NumberInput
          label="A second"
          min={1}
          max={500}
          clampBehavior="strict"
          value={rate}
          onChange={(value) => setRate(Number(value) || 1)}
        />
      </div>
      <Button
        size="sm"
        loading={starting.isPending}
        disabled={order.items.length === 0}
        onClick={() => starting.mutate()}
      >
        Place {count(many)} orders, about {duration((many / rate) * 1_000)}
      </Button>
      {starting.error && <Problem error={starting.error} />}
      {id && <BurstProgress id={id} />}
    </>
  );
}

function BurstProgress({ id }: { id: string }) {
  const [running, setRunning] = useState(true);
  const { data, error } = useApi<Burst>(`/api/bursts/${id}`, {}, { everyMs: running ? 500 : 0 });
  const stopping = useMutation({ mutationFn: () => post<Burst>(`/api/bursts/${id}/stop`) });
  if (data && running !== (data.state === 'running')) setRunning(data.state === 'running');
  if (error && !data) return <Problem error={error} />;
  if (!data) return null;
  return (
    <section aria-label="The burst">
      <Progress
        value={(data.sent / data.count) * 100}
        aria-label={`${data.sent} of ${data.count} sent`}
      />
      <p role="status" style={{ margin: '8px 0' }}>
        {wordsOf(data)}
      </p>
      {data.problem && <Problem error={data.problem} />}
      {stopping.error && <Problem error={stopping.error} />}
      {data.state === 'running' && (
        <Button variant="default" loading={stopping.isPending} onClick={() => stopping.mutate()}>
          Stop
        </Button>
      )}
    </section>
  );
}

function wordsOf({ sent, count: planned, accepted, refused, state }: Burst): string {
  const refusals = refused > 0 ? `, ${count(refused)} refused` : '';
  const open = sent - accepted - refused;
  const unanswered = open > 0 ? `, ${count(open)} not answered yet` : '';
  const word = { running: 'Sending', stopped: 'Stopped', done: 'Done' }[state];
  const all = `${count(sent)} of ${count(planned)} sent`;
  return `${word}: ${all}, ${count(accepted)} accepted${refusals}${unanswered}.`;
}

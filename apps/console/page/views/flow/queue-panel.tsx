import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Link } from 'wouter';
import type { QueueState } from '../../../src/api/live';
import type { PeekedMessage } from '../../../src/api/queues';
import { get } from '../../api/request';
import { useLive } from '../../live/use-live';
import { count, counted, duration, perSecond } from '../../parts/format';
import { Id } from '../../parts/id';
import { JsonView } from '../../parts/json-view';
import { PatternMark } from '../../parts/pattern-mark';
import { patterns } from '../../parts/patterns';
import { Facts, PanelSection, SidePanel } from '../../parts/side-panel';
import { Problem } from '../../parts/states';
import { TimeAgo } from '../../parts/time-ago';
import classes from './flow.module.css';
import { NavLink } from '../nav-link';
import { HandlerTable, useHandlers } from './handler-table';
import { HeldKeys } from './held-keys';
import { HistoryCharts } from './history-charts';
import { Consumers } from './queue-marks';
import { retriesInWords } from './retry-words';

export default function QueuePanel({ name, onClose }: { name: string; onClose: () => void }) {
  const queue = useLive((live) => live.queues.get(name));
  return (
    <SidePanel title={<code>{name}</code>} label={`Queue ${name}`} onClose={onClose}>
      {queue ? (
        <>
          <QueueFacts queue={queue} />
          <HeldKeys queue={queue} />
          <PanelSection title="Last 15 minutes">
            <HistoryCharts of={{ queue: name }} />
          </PanelSection>
          <QueueHandlers queue={queue} />
        </>
      ) : (
        <p className="muted">Nothing is known of this queue now.</p>
      )}
      <Peek name={name} />
    </SidePanel>
  );
}

function QueueFacts({ queue }: { queue: QueueState }) {
  const { pattern, depth, unacked, oldestMs, deadLetters } = queue;
  const waits = queue.retries.length > 0 || queue.nextRetry !== null;
  return (
    <Facts
      facts={[
        [
          'Pattern',
          <>
            <PatternMark pattern={pattern} word />{' '}
            <span className="muted">{patterns[pattern].meaning}</span>
          </>,
        ],
        ['Waiting', depth === null ? 'the broker does not say' : count(depth)],
        ['Oldest waits', oldestMs ? duration(oldestMs) : undefined],
        ['In hand', unacked === null ? undefined : count(unacked)],
        ['In, out', `${perSecond(queue.inRate)}, ${perSecond(queue.outRate)}`],
        [
          'Consumers',
          <>
            <Consumers queue={queue} /> {queue.consumers ?? '?'} of {queue.consumersExpected}
          </>,
        ],
        [
          'Contract',
          <NavLink to={`/contracts?q=${encodeURIComponent(queue.name)}`}>what it takes</NavLink>,
        ],
        ['Retries', waits ? retriesInWords(queue) : undefined],
        [
          'Dead letters',
          deadLetters > 0 ? (
            <Link href={`/dead-letters?queue=${encodeURIComponent(queue.name)}`}>
              <span className={classes.bad}>{counted(deadLetters, 'dead letter')}</span>
            </Link>
          ) : (
            'none'
          ),
        ],
      ]}
    />
  );
}

function QueueHandlers({ queue }: { queue: QueueState }) {
  const handlers = useHandlers(queue.service).filter((handler) => handler.queue === queue.name);
  return (
    <PanelSection title={`Handled by ${queue.service}`}>
      {handlers.length > 0 ? (
        <HandlerTable service={queue.service} handlers={handlers} />
      ) : (
        <p className="muted">No instance that answers handles it.</p>
      )}
    </PanelSection>
  );
}

/** Not asked for by itself: looking touches the queue. */
function Peek({ name }: { name: string }) {
  const peek = useMutation({
    mutationFn: () =>
      get<{ items: PeekedMessage[] }>(`/api/queues/${encodeURIComponent(name)}/messages`, {
        query: { limit: 10 },
      }),
  });
  return (
    <PanelSection title="Messages">
      <Button variant="default" loading={peek.isPending} onClick={() => peek.mutate()}>
        {peek.data ? 'Look again' : 'Look at what waits'}
      </Button>
      {peek.error && <Problem error={peek.error} />}
      {peek.data?.items.length === 0 && <p className="muted">No message waits here now.</p>}
      {peek.data?.items.map((message, index) => (
        <article key={message.messageId ?? index} style={{ marginTop: 12 }}>
          <p style={{ margin: '0 0 4px' }}>
            {message.messageId && <Id id={message.messageId} />}{' '}
            <span className="muted">
              {message.sentAt && <TimeAgo at={message.sentAt} />}
              {message.redelivered && ' · delivered before'}
            </span>
          </p>
          <JsonView value={message.body} label="Body" />
          <details>
            <summary className="muted">Headers</summary>
            <JsonView value={message.headers} label="Headers" />
          </details>
        </article>
      ))}
    </PanelSection>
  );
}

import { Button, Group } from '@mantine/core';
import type { DeadLetter } from '../../../src/api/dead-letters';
import type { LogEntry } from '../../../src/api/logs';
import { useApi } from '../../api/queries';
import { Id } from '../../parts/id';
import { JsonView } from '../../parts/json-view';
import { LateSkeleton } from '../../parts/late-skeleton';
import { Facts, PanelSection, SidePanel } from '../../parts/side-panel';
import { EmptyState, ErrorState, Problem } from '../../parts/states';
import { TimeAgo } from '../../parts/time-ago';
import { useUrl } from '../../url/search-params';
import { ContractLink, NavLink } from '../nav-link';
import classes from './dead-letters.module.css';
import { keyOf } from './selection';
import { useReplay, type useMessage } from './use-dead-letters';

interface Props {
  /** Its key: of the message, or of one that is gone. */
  selected: string;
  answer: ReturnType<typeof useMessage>;
  onClose: () => void;
  onReplay: (message: DeadLetter) => void;
  onEdit: (message: DeadLetter) => void;
  onDiscard: (message: DeadLetter) => void;
}

/** One message: why it failed first, then what it is. */
export function MessagePanel({ selected, answer, onClose, onReplay, onEdit, onDiscard }: Props) {
  const { message } = answer;
  return (
    <SidePanel
      title={message?.errorCode ?? 'Dead letter'}
      label="The selected dead letter"
      width={460}
      onClose={onClose}
    >
      {message ? (
        <>
          <Group gap="xs">
            <Button onClick={() => onReplay(message)}>Replay…</Button>
            <Button
              variant="default"
              disabled={message.bodyEncoding !== undefined}
              onClick={() => onEdit(message)}
            >
              Edit and send…
            </Button>
            <Button variant="default" onClick={() => onDiscard(message)}>
              Discard…
            </Button>
          </Group>
          <Message message={message} />
        </>
      ) : answer.isError ? (
        <ErrorState
          what="This message could not be read"
          error={answer.error}
          onRetry={() => void answer.refetch()}
        />
      ) : answer.isSuccess ? (
        <Gone selected={selected} />
      ) : (
        <LateSkeleton />
      )}
    </SidePanel>
  );
}

/** What became of it, if a replay of this console took it. */
function Gone({ selected }: { selected: string }) {
  const replay = useUrl().get('replay');
  const sent = useReplay(replay).data?.messages.find((message) => keyOf(message) === selected);
  const fates = {
    handled: ['It was sent again, and handled', 'Its mark is in the inbox of its service.'],
    waiting: ['It was sent again', 'No handler has finished it yet.'],
    'failed-again': ['It was sent again, and failed again', 'Its new failure is in the list.'],
  };
  const [title, hint] = sent
    ? fates[sent.state]
    : ['It is no dead letter any more', 'It was replayed or discarded: Operations tells by whom.'];
  return <EmptyState title={title ?? ''} hint={hint} />;
}

function Message({ message }: { message: DeadLetter }) {
  const { handler, queue, orderId, traceId } = message;
  return (
    <>
      <PanelSection title="Why it failed">
        <p className={classes.error}>{message.errorMessage || message.errorCode}</p>
        {message.errorStack && (
          <pre className={classes.stack} tabIndex={0} aria-label="Stack">
            {message.errorStack}
          </pre>
        )}
      </PanelSection>
      <PanelSection title="What failed">
        <Facts
          facts={[
            ['Handler', <span className="mono">{handler}</span>],
            ['Queue', <span className="mono">{queue}</span>],
            ['Contract', message.type && <ContractLink name={message.type} />],
            ['Tries', message.attempts],
            ['Replayed', message.replays > 0 ? `${message.replays}×` : undefined],
            ['First failed', message.firstFailedAt && <TimeAgo at={message.firstFailedAt} />],
            ['Last failed', message.lastFailedAt && <TimeAgo at={message.lastFailedAt} />],
            ['Message id', <Id id={message.id} />],
            ['Order', orderId && <NavLink to={`/orders/${orderId}`} id={orderId} />],
          ]}
        />
        {orderId && (
          <NavLink to={`/orders/${orderId}`}>What happened before: the order’s journey</NavLink>
        )}
      </PanelSection>
      <PanelSection title="Body">
        <Body message={message} />
      </PanelSection>
      <PanelSection title="Headers">
        <JsonView value={message.headers} label="Headers" open={1} />
      </PanelSection>
      <PanelSection title="Log lines of its trace">
        {traceId ? <TraceLines traceId={traceId} /> : <p className="muted">It has no trace.</p>}
      </PanelSection>
    </>
  );
}

function Body({ message: { body, bodyEncoding } }: { message: DeadLetter }) {
  if (bodyEncoding) {
    return (
      <>
        <p className="muted">It is encoded or not UTF-8; this is base64.</p>
        <pre className={classes.stack} tabIndex={0} aria-label="Body in base64">
          {body}
        </pre>
      </>
    );
  }
  const value = parsed(body);
  return value === undefined ? (
    <pre className={classes.stack} tabIndex={0} aria-label="Body">
      {body || '(empty)'}
    </pre>
  ) : (
    <JsonView value={value} label="Body" open={3} />
  );
}

function TraceLines({ traceId }: { traceId: string }) {
  const lines = useApi<{ items: LogEntry[] }>('/api/logs', { traceId, limit: 20 });
  if (lines.isError) return <Problem error={lines.error} />;
  if (!lines.data) return <LateSkeleton lines={3} />;
  return (
    <>
      {lines.data.items.length === 0 && <p className="muted">None is kept.</p>}
      <ol className={classes.lines}>
        {lines.data.items.toReversed().map(({ id, time, level, service, message }) => (
          <li key={id} data-level={level}>
            <span className="muted">{time.slice(11, 23)}</span> {service} {message}
          </li>
        ))}
      </ol>
      <NavLink to={`/logs?search=trace:${traceId}`}>All lines of this trace</NavLink>
    </>
  );
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return undefined;
  }
}

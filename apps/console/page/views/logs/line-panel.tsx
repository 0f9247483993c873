import type { LogEntry } from '../../../src/api/logs';
import { absolute } from '../../parts/format';
import { Id } from '../../parts/id';
import { JsonView } from '../../parts/json-view';
import { Facts, PanelSection, SidePanel } from '../../parts/side-panel';
import { EmptyState } from '../../parts/states';
import { NavLink } from '../nav-link';

interface Props {
  entry: LogEntry | undefined;
  onClose: () => void;
}

/** All of one line, and the way to what it is part of. */
export function LinePanel({ entry, onClose }: Props) {
  return (
    <SidePanel title={entry?.message ?? 'Log line'} label="The selected log line" onClose={onClose}>
      {entry ? (
        <Line entry={entry} />
      ) : (
        <EmptyState
          title="This line is not among those shown"
          hint="It is older than the lines that were read, or does not fit the search."
        />
      )}
    </SidePanel>
  );
}

function Line({ entry }: { entry: LogEntry }) {
  const { time, level, service, context, traceId, data } = entry;
  const orderId = typeof data?.orderId === 'string' ? data.orderId : undefined;
  return (
    <>
      <Facts
        facts={[
          ['Time', absolute(Date.parse(time))],
          ['Level', level],
          ['Service', service],
          ['Context', context],
          ['Trace', traceId && <Id id={traceId} />],
          ['Order', orderId && <NavLink to={`/orders/${orderId}`} id={orderId} />],
        ]}
      />
      {traceId && (
        <p>
          <NavLink to={`/logs?search=trace:${traceId}`}>All lines of this trace</NavLink>
        </p>
      )}
      {orderId && (
        <p>
          <NavLink to={`/logs?search=orderId:${orderId}`}>All lines about this order</NavLink>
        </p>
      )}
      <PanelSection title="Fields">
        {data ? <JsonView value={data} label="Fields" open={3} /> : <p className="muted">None.</p>}
      </PanelSection>
    </>
  );
}

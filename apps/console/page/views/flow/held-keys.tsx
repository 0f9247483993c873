import type { HeldKey } from '@tradepost/messaging/ops';
import type { HeldState, QueueState } from '../../../src/api/live';
import { useApi } from '../../api/queries';
import { useNow } from '../../live/use-live';
import { absolute, count, counted } from '../../parts/format';
import { Id } from '../../parts/id';
import { LateSkeleton } from '../../parts/late-skeleton';
import { PanelSection } from '../../parts/side-panel';
import { Problem } from '../../parts/states';
import { TimeAgo } from '../../parts/time-ago';
import { NavLink } from '../nav-link';
import { heldInWords } from './held-words';
import classes from './panels.module.css';
import { within } from './retry-words';

/** Asked anew as often as services are asked how many there are. */
const everyMs = 3_000;

/** Of a handler in order: the keys whose messages wait in the database, and for what. */
export function HeldKeys({ queue }: { queue: QueueState }) {
  const { held, name, service } = queue;
  if (held === null) return null;
  return (
    <PanelSection title="Held in order">
      <p className={classes.held}>{heldInWords(held)}.</p>
      <Keys held={held} queue={name} service={service} />
    </PanelSection>
  );
}

function Keys({ held, ...of }: { held: HeldState; queue: string; service: string }) {
  const { data, error } = useApi<{ items: HeldKey[] }>('/api/held', of, { everyMs });
  if (data === undefined) return error ? <Problem error={error} /> : <LateSkeleton />;
  const more = held.keys - data.items.length;
  return (
    <>
      <table className={`rows ${classes.instances}`}>
        <thead>
          <tr>
            <th>Key</th>
            <th className="right">Messages</th>
            <th>Since</th>
            <th>Next try</th>
          </tr>
        </thead>
        <tbody>
          {data.items.map((key) => (
            <tr key={key.key}>
              <td>
                <Id id={key.key} />
              </td>
              <td className="right">{count(key.waiting)}</td>
              <td>
                <TimeAgo at={key.heldSince} />
              </td>
              <td>
                <NextTry held={key} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {more > 0 && <p className="muted">And {counted(more, 'more key')}.</p>}
    </>
  );
}

/** A stopped key has none: an operator decides about its dead letter. */
function NextTry({ held: { queue, messageId, nextTryAt } }: { held: HeldKey }) {
  const now = useNow(1_000);
  if (nextTryAt === null) {
    const search = `queue:${queue} id:${messageId}`;
    return (
      <NavLink to={`/dead-letters?search=${encodeURIComponent(search)}`}>
        <span className={classes.failures}>stopped: dead letter</span>
      </NavLink>
    );
  }
  const at = Date.parse(nextTryAt);
  const ms = at - now;
  return <span title={absolute(at)}>{ms < 1_000 ? 'now' : `in ${within(ms)}`}</span>;
}

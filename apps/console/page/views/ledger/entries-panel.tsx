import type { LedgerEntry } from '../../../src/api/ledger';
import { useApi } from '../../api/queries';
import { shortened } from '../../parts/id';
import { LateSkeleton } from '../../parts/late-skeleton';
import { SidePanel } from '../../parts/side-panel';
import { EmptyState, ErrorState } from '../../parts/states';
import { Money, TimeAgo } from '../../parts/time-ago';
import { NavLink } from '../nav-link';
import { postingRows } from './ledger-words';
import classes from './ledger.module.css';

/** What was booked for one order. */
export function EntriesPanel({ orderId, onClose }: { orderId: string; onClose: () => void }) {
  const entries = useApi<{ items: LedgerEntry[] }>('/api/ledger/entries', { orderId });
  return (
    <SidePanel
      title={`Entries of ${shortened(orderId)}`}
      label="Entries of the order"
      width={460}
      onClose={onClose}
    >
      {entries.isPending && <LateSkeleton />}
      {entries.isError && (
        <ErrorState
          what="Its entries could not be read"
          error={entries.error}
          onRetry={() => void entries.refetch()}
        />
      )}
      {entries.data &&
        (entries.data.items.length === 0 ? (
          <EmptyState
            title="Nothing is booked for it"
            hint="Its sale is not finalized yet, or there is no order with this id."
          />
        ) : (
          <Entries entries={entries.data.items} />
        ))}
      <p>
        <NavLink to={`/orders/${encodeURIComponent(orderId)}`}>The order’s journey</NavLink>
      </p>
    </SidePanel>
  );
}

function Entries({ entries }: { entries: LedgerEntry[] }) {
  return (
    <table className={`rows ${classes.entries}`}>
      <thead>
        <tr>
          <th scope="col">Entry</th>
          <th scope="col">Account</th>
          <th scope="col" className="right">
            Debit
          </th>
          <th scope="col" className="right">
            Credit
          </th>
        </tr>
      </thead>
      <tbody>
        {postingRows(entries).map(({ key, entry, first, account, debit, credit }) => (
          <tr key={key} data-first={first}>
            <td>
              {first && (
                <>
                  <strong>{entry.kind}</strong>
                  <div className="muted">
                    <TimeAgo at={entry.bookedAt} />
                  </div>
                </>
              )}
            </td>
            <td>{account}</td>
            {[debit, credit].map((amount, side) => (
              <td key={side} className="right">
                {amount !== undefined && <Money amount={amount} currency={entry.currency} />}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

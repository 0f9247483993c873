import { TextInput } from '@mantine/core';
import { IconCheck, IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import type { Ledger } from '../../../src/api/ledger';
import { useApi } from '../../api/queries';
import { Chip } from '../../parts/chip';
import { LateSkeleton } from '../../parts/late-skeleton';
import { EmptyState, ErrorState } from '../../parts/states';
import { TimeAgo } from '../../parts/time-ago';
import { View } from '../../parts/view';
import { useUrl } from '../../url/search-params';
import { NavLink } from '../nav-link';
import { CurrencyBooks } from './currency-books';
import { EntriesPanel } from './entries-panel';
import { trialBalance } from './ledger-words';
import classes from './ledger.module.css';

export default function LedgerView() {
  const ledger = useApi<Ledger>('/api/ledger', {}, { everyMs: 5_000 });
  const { get, set } = useUrl();
  const order = get('order');
  const currencies = ledger.data?.currencies ?? [];
  const shown =
    currencies.find(({ currency }) => currency === get('currency')) ??
    currencies.find(({ balanced }) => !balanced) ??
    currencies[0];
  return (
    <View
      title="Ledger"
      line="What was booked: double entry, each currency for itself."
      chips={<OrderSearch order={order} onOrder={(id) => set({ order: id })} />}
      panel={
        order !== undefined && (
          <EntriesPanel orderId={order} onClose={() => set({ order: undefined })} />
        )
      }
    >
      {ledger.isPending && <LateSkeleton />}
      {ledger.isError && (
        <ErrorState
          what="The books could not be read"
          error={ledger.error}
          still={
            ledger.data
              ? 'What is below is what was read last.'
              : 'What happens meanwhile waits in the queue of financial, and is booked later.'
          }
          onRetry={() => void ledger.refetch()}
        />
      )}
      {ledger.data && (
        <div className={classes.books} data-stale={ledger.isError}>
          <Trial currencies={currencies} at={ledger.dataUpdatedAt} />
          {currencies.length > 1 && (
            <div className={classes.chips} role="group" aria-label="Currency">
              {currencies.map(({ currency }) => (
                <Chip
                  key={currency}
                  on={currency === shown?.currency}
                  onClick={() => set({ currency }, { replace: true })}
                >
                  {currency}
                </Chip>
              ))}
            </div>
          )}
          {shown ? (
            <CurrencyBooks key={shown.currency} balance={shown} />
          ) : (
            <EmptyState
              title="Nothing was booked yet"
              hint={
                <>
                  A sale is booked when its customer is confirmed:{' '}
                  <NavLink to="/orders">place an order</NavLink>.
                </>
              }
            />
          )}
        </div>
      )}
    </View>
  );
}

/** One line a currency: balanced, or the difference. */
function Trial({ currencies, at }: { currencies: Ledger['currencies']; at: number }) {
  if (currencies.length === 0) return null;
  return (
    <section aria-label="Trial balance" className={classes.trial}>
      {currencies.map((balance) => (
        <p key={balance.currency} data-off={!balance.balanced}>
          {balance.balanced && <IconCheck size={16} aria-hidden />} {trialBalance(balance)}
        </p>
      ))}
      <p className={`muted ${classes.age}`}>
        Asked <TimeAgo at={at} />
      </p>
    </section>
  );
}

type SearchProps = { order?: string; onOrder: (id: string | undefined) => void };

function OrderSearch({ order, onOrder }: SearchProps) {
  const [draft, setDraft] = useState(order ?? '');
  const [seen, setSeen] = useState(order);
  if (seen !== order) {
    setSeen(order);
    setDraft(order ?? '');
  }
  return (
    <form
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        onOrder(draft.trim() || undefined);
      }}
    >
      <TextInput
        type="search"
        size="xs"
        w={320}
        maw="100%"
        aria-label="Entries of an order, by its id"
        placeholder="Order id ↵"
        leftSection={<IconSearch size={14} aria-hidden />}
        value={draft}
        onChange={(event) => setDraft(event.currentTarget.value)}
      />
    </form>
  );
}

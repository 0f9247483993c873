import { Button, NativeSelect, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { lazy, Suspense, useState, type FormEvent } from 'react';
import { useLocation } from 'wouter';
import { useApi } from '../../api/queries';
import { useLive } from '../../live/use-live';
import { counted } from '../../parts/format';
import { View } from '../../parts/view';
import { useUrl } from '../../url/search-params';
import { statuses, statusWords } from './order-status';
import classes from './orders.module.css';
import { OrdersTable } from './orders-table';

const PlacePanel = lazy(() => import('./place-panel'));

export default function OrdersView() {
  const { get, set } = useUrl();
  const rate = useLive(({ system }) => system?.salesPerMinute);
  const lately =
    rate === undefined ? '' : ` ${counted(Math.round(rate), 'sale')} in the last minute.`;
  return (
    <View
      title="Orders"
      line={`The newest first, live.${lately}`}
      chips={<Filters />}
      panel={
        get('place') ? (
          <Suspense>
            <PlacePanel onClose={() => set({ place: undefined })} />
          </Suspense>
        ) : undefined
      }
    >
      <OrdersTable />
    </View>
  );
}

function Filters() {
  const { get, set } = useUrl();
  const customers = useApi<{ items: { id: string; name: string }[] }>('/api/customers');
  return (
    <div className={classes.filters}>
      <FindOrder />
      <NativeSelect
        size="xs"
        aria-label="Status"
        value={get('status') ?? ''}
        data={[
          { value: '', label: 'Any status' },
          ...statuses.map((status) => ({ value: status, label: statusWords(status) })),
        ]}
        onChange={(event) => set({ status: event.currentTarget.value }, { replace: true })}
      />
      <NativeSelect
        size="xs"
        aria-label="Customer"
        value={get('customer') ?? ''}
        data={[
          { value: '', label: 'Any customer' },
          ...(customers.data?.items ?? []).map(({ id, name }) => ({ value: id, label: name })),
        ]}
        onChange={(event) => set({ customer: event.currentTarget.value }, { replace: true })}
      />
      <Button
        leftSection={<IconPlus size={14} aria-hidden />}
        aria-expanded={get('place') !== undefined}
        onClick={() => set({ place: get('place') ? undefined : 'one' })}
      >
        Place orders
      </Button>
    </div>
  );
}

/** An order of any age is found by its id. */
function FindOrder() {
  const [, navigate] = useLocation();
  const [id, setId] = useState('');
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    if (id.trim()) navigate(`/orders/${encodeURIComponent(id.trim())}`);
  };
  return (
    <form onSubmit={onSubmit} role="search">
      <TextInput
        size="xs"
        type="search"
        placeholder="Order id"
        aria-label="Find an order by its id"
        value={id}
        onChange={(event) => setId(event.currentTarget.value)}
      />
    </form>
  );
}

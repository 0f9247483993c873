import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useTable } from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import type { Order } from '../../../src/api/orders';
import { queryClient } from '../../api/queries';
import { get } from '../../api/request';
import { LateSkeleton } from '../../parts/late-skeleton';
import { EmptyState, ErrorState } from '../../parts/states';
import { useListKeys } from '../../parts/use-list-keys';
import { useUrl } from '../../url/search-params';
import { columns, features } from './orders-columns';
import classes from './orders.module.css';

interface Page {
  items: Order[];
  nextCursor: string | null;
}

const rowHeight = 37;

function useOrders() {
  const url = useUrl();
  const filter = { status: url.get('status'), customerId: url.get('customer') };
  return useInfiniteQuery({
    queryKey: ['/api/orders', filter],
    queryFn: ({ pageParam, signal }) =>
      get<Page>('/api/orders', { query: { ...filter, cursor: pageParam, limit: 50 }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    // Live at the top; who has gone down the list reads it in peace.
    refetchInterval: ({ state }) => (state.data && state.data.pages.length > 1 ? false : 2_000),
  });
}

export function OrdersTable() {
  const query = useOrders();
  const { set } = useUrl();
  const orders = query.data?.pages.flatMap(({ items }) => items) ?? [];
  if (query.error && orders.length === 0) {
    return (
      <ErrorState
        what="The orders could not be read"
        error={query.error}
        still="Orders that were taken stay taken."
        onRetry={() => void query.refetch()}
      />
    );
  }
  if (query.isPending) return <LateSkeleton lines={10} />;
  if (orders.length === 0) {
    return (
      <EmptyState title="No orders here" hint="None was placed, or none is as the filters ask.">
        <Button onClick={() => set({ place: 'one' })}>Place one</Button>
      </EmptyState>
    );
  }
  return (
    <>
      <Rows orders={orders} />
      {query.hasNextPage && (
        <Button
          mt="sm"
          variant="default"
          loading={query.isFetchingNextPage}
          onClick={() => void query.fetchNextPage()}
        >
          Older ones
        </Button>
      )}
      {(query.data?.pages.length ?? 0) > 1 && (
        <Button
          ml="sm"
          mt="sm"
          variant="subtle"
          color="gray"
          onClick={() => void queryClient.resetQueries({ queryKey: ['/api/orders'] })}
        >
          Back to the newest, live
        </Button>
      )}
    </>
  );
}

/** Where the rows begin, below the view's header and the table's own. */
const rowsBeginAt = 120;

function Rows({ orders }: { orders: Order[] }) {
  const [, navigate] = useLocation();
  const [selected, setSelected] = useState<string>();
  const changedIds = useChanged(orders);
  const table = useTable({ features, columns, data: orders, getRowId: ({ id }) => id });
  const { rows } = table.getRowModel();
  const seen = useVirtualizer({
    count: rows.length,
    getScrollElement: () => document.getElementById('view'),
    estimateSize: () => rowHeight,
    overscan: 20,
    scrollMargin: rowsBeginAt,
  });
  useListKeys({
    items: orders,
    idOf: ({ id }) => id,
    selected,
    onMove: (id) => {
      setSelected(id);
      seen.scrollToIndex(orders.findIndex((order) => order.id === id));
    },
    onOpen: (id) => navigate(`/orders/${id}`),
  });
  const shown = seen.getVirtualItems();
  const above = (shown[0]?.start ?? rowsBeginAt) - rowsBeginAt;
  const below = seen.getTotalSize() - ((shown.at(-1)?.end ?? rowsBeginAt) - rowsBeginAt);
  return (
    <table className={`rows ${classes.table}`}>
      <thead>
        {table.getHeaderGroups().map((group) => (
          <tr key={group.id}>
            {group.headers.map((header) => (
              <th key={header.id} className={header.column.columnDef.meta?.className}>
                <table.FlexRender header={header} />
              </th>
            ))}
          </tr>
        ))}
      </thead>
      <tbody>
        {above > 0 && <tr style={{ height: above }} aria-hidden />}
        {shown.map(({ index }) => {
          const row = rows[index];
          return (
            row && (
              <tr
                key={row.id}
                data-clickable
                data-selected={row.id === selected}
                className={changedIds.has(row.id) ? 'flash' : undefined}
                onClick={() => navigate(`/orders/${row.id}`)}
              >
                {row.getAllCells().map((cell) => (
                  <td key={cell.id} className={cell.column.columnDef.meta?.className}>
                    <table.FlexRender cell={cell} />
                  </td>
                ))}
              </tr>
            )
          );
        })}
        {below > 0 && <tr style={{ height: below }} aria-hidden />}
      </tbody>
    </table>
  );
}

/** The orders whose status is another one than at the last drawing, or which are new. */
function useChanged(orders: Order[]): ReadonlySet<string> {
  const [changed, setChanged] = useState<ReadonlySet<string>>(new Set());
  const before = useRef<Map<string, string>>(undefined);
  useEffect(() => {
    const known = before.current;
    before.current = new Map(orders.map(({ id, status }) => [id, status]));
    if (!known) return;
    const ids = orders.filter(({ id, status }) => known.get(id) !== status).map(({ id }) => id);
    if (ids.length > 0) setChanged(new Set(ids));
  }, [orders]);
  return changed;
}

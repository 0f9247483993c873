import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, useState } from 'react';
import { Link, useLocation } from 'wouter';
import type { Order } from '../../../src/api';
import { queryClient } from '../../api/queries';
import { get } from '../../api/request';
import { shortened } from '../../parts/id';
import { LateSkeleton } from '../../parts/late-skeleton';
import { EmptyState, ErrorState } from '../../parts/states';
import { Money, TimeAgo } from '../../parts/time-ago';
import { useListKeys } from '../../parts/use-list-keys';
import { useUrl } from '../../url/search-params';
import { OrderStatus } from './order-status';
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

function Rows({ orders }: { orders: Order[] }) {
  const [, navigate] = useLocation();
  const [selected, setSelected] = useState<string>();
  const changedIds = useChanged(orders);
  const body = useRef<HTMLTableSectionElement>(null);
  const rows = useVirtualizer({
    count: orders.length,
    getScrollElement: () => document.getElementById('view'),
    estimateSize: () => rowHeight,
    overscan: 20,
    scrollMargin: 120,
  });
  useListKeys({
    items: orders,
    idOf: ({ id }) => id,
    selected,
    onMove: (id) => {
      setSelected(id);
      rows.scrollToIndex(orders.findIndex((order) => order.id === id));
    },
    onOpen: (id) => navigate(`/orders/${id}`),
  });
  const shown = rows.getVirtualItems();
  const above = (shown[0]?.start ?? 120) - 120;
  const below = Math.max(0, rows.getTotalSize() - ((shown.at(-1)?.end ?? 120) - 120));
  return (
    <table className={`rows ${classes.table}`}>
      <thead>
        <tr>
          <th>Order</th>
          <th>Status</th>
          <th className={classes.wide}>Customer</th>
          <th className={classes.wide}>Items</th>
          <th className="right">Total</th>
          <th className="right">Placed</th>
        </tr>
      </thead>
      <tbody ref={body}>
        {above > 0 && <tr style={{ height: above }} aria-hidden />}
        {shown.map(({ index }) => {
          const order = orders[index];
          return (
            order && (
              <OrderRow
                key={order.id}
                order={order}
                selected={order.id === selected}
                flash={changedIds.has(order.id)}
                onOpen={() => navigate(`/orders/${order.id}`)}
              />
            )
          );
        })}
        {below > 0 && <tr style={{ height: below }} aria-hidden />}
      </tbody>
    </table>
  );
}

interface RowProps {
  order: Order;
  selected: boolean;
  flash: boolean;
  onOpen: () => void;
}

function OrderRow({ order, selected, flash, onOpen }: RowProps) {
  const items = order.items.map(({ sku, quantity }) => `${quantity} × ${sku}`).join(', ');
  return (
    <tr
      data-clickable
      data-selected={selected}
      // Another status is another key: the animation begins anew.
      className={flash ? 'flash' : undefined}
      onClick={onOpen}
    >
      <td className="nowrap">
        <Link
          href={`/orders/${order.id}`}
          className={classes.order}
          title={order.id}
          onClick={(event) => event.stopPropagation()}
        >
          {shortened(order.id)}
        </Link>
      </td>
      <td>
        <OrderStatus status={order.status} />
      </td>
      <td className={classes.wide}>
        {order.customerName ?? <span className="muted">{order.customerId}</span>}
      </td>
      <td className={classes.wide}>
        <span className={classes.items} title={items}>
          {items}
        </span>
      </td>
      <td className="right">
        <Money amount={order.total} currency={order.currency} />
      </td>
      <td className="right muted">
        <TimeAgo at={order.createdAt} />
      </td>
    </tr>
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

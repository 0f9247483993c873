import { createColumnHelper, tableFeatures } from '@tanstack/react-table';
import { Link } from 'wouter';
import type { Order } from '../../../src/api/orders';
import { shortened } from '../../parts/id';
import { Money, TimeAgo } from '../../parts/time-ago';
import { OrderStatus } from './order-status';
import classes from './orders.module.css';

const columnMeta: { className?: string } = {};

/** The server sorts and pages: the table only knows its columns. */
export const features = tableFeatures({ columnMeta });

const column = createColumnHelper<typeof features, Order>();

export const columns = column.columns([
  column.accessor('id', {
    header: 'Order',
    cell: ({ getValue }) => <OrderLink id={getValue()} />,
  }),
  column.accessor('status', {
    header: 'Status',
    cell: ({ getValue }) => <OrderStatus status={getValue()} />,
  }),
  column.accessor(({ customerName, customerId }) => customerName ?? customerId, {
    id: 'customer',
    header: 'Customer',
    meta: { className: classes.wide },
  }),
  column.accessor(({ items }) => items.map((item) => `${item.quantity} × ${item.sku}`).join(', '), {
    id: 'items',
    header: 'Items',
    meta: { className: classes.wide },
    cell: ({ getValue }) => (
      <span className={classes.items} title={getValue()}>
        {getValue()}
      </span>
    ),
  }),
  column.accessor('total', {
    header: 'Total',
    meta: { className: 'right' },
    cell: ({ row }) => <Money amount={row.original.total} currency={row.original.currency} />,
  }),
  column.accessor('createdAt', {
    header: 'Placed',
    meta: { className: 'right muted' },
    cell: ({ getValue }) => <TimeAgo at={getValue()} />,
  }),
]);

function OrderLink({ id }: { id: string }) {
  return (
    <Link
      href={`/orders/${id}`}
      className={classes.order}
      title={id}
      onClick={(event) => event.stopPropagation()}
    >
      {shortened(id)}
    </Link>
  );
}

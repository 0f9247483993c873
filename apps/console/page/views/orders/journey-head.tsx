import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from 'wouter';
import type { Journey } from '../../../src/api/journey';
import type { OrderDetails } from '../../../src/api/orders';
import { post } from '../../api/request';
import { counted } from '../../parts/format';
import { Problem } from '../../parts/states';
import { Money, TimeAgo } from '../../parts/time-ago';
import classes from './journey.module.css';
import { OrderStatus, statusWords } from './order-status';

/** An order in words: the sentence on top, what was bought, the states it was in. */
export function JourneyHead({ journey }: { journey: Journey }) {
  const { order, sentence, deadLetters, missing } = journey;
  const items = order.items.map(({ sku, quantity }) => `${quantity} × ${sku}`).join(', ');
  return (
    <section className={classes.head} aria-label="The order">
      <p className={classes.sentence} role="status">
        {sentence}
      </p>
      <div className={classes.about}>
        <OrderStatus status={order.status} />
        <Money amount={order.total} currency={order.currency} />
        <span>{items}</span>
        <span className="muted">for {order.customerName ?? `customer ${order.customerId}`}</span>
        <span className="muted">
          placed <TimeAgo at={order.createdAt} />
        </span>
        <Cancel order={order} />
      </div>
      <States order={order} />
      {deadLetters.length > 0 && (
        <p className={classes.bad}>
          <Link href={`/dead-letters?q=${order.id}`}>
            {counted(deadLetters.length, 'message')} of it could not be handled
          </Link>
          : {deadLetters.map((dead) => `${dead.queue}, ${dead.errorMessage}`).join(' ')}
        </p>
      )}
      {missing.length > 0 && (
        <p className={classes.missing} role="status">
          {missing.join(', ')} did not answer: what is known there is missing here.
        </p>
      )}
    </section>
  );
}

function States({ order }: { order: OrderDetails }) {
  return (
    <ol className={classes.states} aria-label="Its states">
      {order.timeline.map(({ state, at, cause }) => (
        <li key={`${state} ${at}`} title={`${cause}, ${at}`}>
          {statusWords(state)}
        </li>
      ))}
    </ol>
  );
}

/** What docs/ORDER-STATES.md lets a buyer cancel. */
const cancellable = ['pending', 'awaiting_payment', 'paid', 'completed'];

function Cancel({ order }: { order: OrderDetails }) {
  const client = useQueryClient();
  const cancelling = useMutation({
    mutationFn: () =>
      post<OrderDetails>(`/api/orders/${order.id}/cancel`, { reason: 'cancelled in the console' }),
    onSettled: () => client.invalidateQueries({ queryKey: [`/api/orders/${order.id}/journey`] }),
  });
  if (!cancellable.includes(order.status) && !cancelling.error) return null;
  return (
    <>
      <Button
        size="compact-xs"
        variant="default"
        loading={cancelling.isPending}
        onClick={() => cancelling.mutate()}
      >
        Cancel the order
      </Button>
      {cancelling.error && <Problem error={cancelling.error} />}
    </>
  );
}

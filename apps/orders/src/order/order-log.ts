import type { Logger } from '@nestjs/common';
import { inFlowOf } from '@tradepost/messaging';
import type { OrderStatus } from './order';
import type { Move } from './orders.store';

/** An order leaves one line at `info` when it is done; the steps before are for `debug`. */
const levels: Partial<Record<OrderStatus, 'log' | 'warn'>> = {
  completed: 'log',
  cancelled: 'log',
  rejected: 'warn',
  payment_failed: 'warn',
};

export function logStates(log: Logger, { order, states, cause, because }: Move): void {
  const write = (): void => {
    for (const state of states) {
      log[levels[state] ?? 'debug']('order advanced', { orderId: order.id, cause, state });
    }
  };
  if (because) inFlowOf(because, write);
  else write();
}

import type { Logger } from '@nestjs/common';
import { type OrderStatus } from './order';

/** An order leaves one line at `info` when it is done; the steps before are for `debug`. */
const levels: Partial<Record<OrderStatus, 'log' | 'warn'>> = {
  completed: 'log',
  cancelled: 'log',
  rejected: 'warn',
  payment_failed: 'warn',
};

export function logStates(
  log: Logger,
  states: readonly OrderStatus[],
  facts: { orderId: string; cause: string },
): void {
  for (const state of states) log[levels[state] ?? 'debug']('order advanced', { ...facts, state });
}

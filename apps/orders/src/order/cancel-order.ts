import { Injectable, Logger } from '@nestjs/common';
import { OrderCancelled } from '@tradepost/contracts';
import { Db, type Tx } from '@tradepost/database';
import { send } from '@tradepost/messaging';
import type { CancelRequest } from './cancel-request';
import { EarlierAnswers } from '../idempotency/earlier-answers';
import { type Answer, answerWith, attemptOf, type Given } from '../idempotency/idempotency';
import type { KeyGiven } from '../idempotency/idempotency-key';
import { IdempotencyStore } from '../idempotency/idempotency.store';
import { MoveOrder } from './move-order';
import { decide, type Happening, type OrderStatus } from './order';
import { OrdersStore } from './orders.store';
import { notCancellable, orderNotFound } from './refusals';

@Injectable()
export class CancelOrder {
  private readonly log = new Logger(CancelOrder.name);

  constructor(
    private readonly db: Db,
    private readonly orders: OrdersStore,
    private readonly moveOrder: MoveOrder,
    private readonly idempotency: IdempotencyStore,
    private readonly earlierAnswers: EarlierAnswers,
  ) {}

  /**
   * Cancels an order, once however often it is asked: its new state, the record of the key and the
   * message that has its money given back and its sale reversed commit together. Nothing here
   * needs the broker.
   * @throws Problem 404 (no such order), 409 (it came to another end; or the first request with
   *   this key is still running), 422 (the key came with another request)
   */
  async run(orderId: string, { reason }: CancelRequest, key?: KeyGiven): Promise<Given> {
    const attempt = attemptOf('cancel-order', key, { orderId, reason });
    const name = 'cancel-requested';
    const event = { name, cause: `${name}: ${reason}` } as const;
    const done = await this.db.transaction(async (tx) => {
      if (attempt) {
        // Before the order: the second of two with one key is told at once, and waits for nobody.
        const claim = await this.idempotency.claim(tx, attempt, notYet(orderId));
        if (claim !== 'ours') return { attempt, claim };
      }
      const states = await this.cancel(tx, orderId, event, reason);
      const found = await this.orders.find(orderId, tx);
      if (!found) throw orderNotFound();
      const answer = answerWith(found.order, 'cancel-order');
      if (attempt) await this.idempotency.setAnswer(tx, attempt, answer);
      return { states, answer };
    });
    if (done.claim) return this.earlierAnswers.instead(done.attempt, done.claim);
    for (const state of done.states) this.log.log(`order ${orderId} is ${state}: ${event.cause}`);
    return { ...done.answer, replayed: false };
  }

  /** @returns the states that the order went through; none when it was cancelled before */
  private async cancel(
    tx: Tx,
    orderId: string,
    event: Happening,
    reason: string,
  ): Promise<OrderStatus[]> {
    const order = await this.orders.lock(tx, orderId);
    if (!order) throw orderNotFound();
    const verdict = decide(order, event);
    switch (verdict.kind) {
      case 'same':
        return [];
      case 'early':
      case 'refused':
        throw notCancellable(order.status);
      case 'change':
        await this.moveOrder.run(tx, orderId, { ...verdict, ...event });
        await send(tx, OrderCancelled, { orderId, reason });
        return verdict.states;
    }
  }
}

/** Holds the place of an answer in the transaction that finds out what it is. */
function notYet(orderId: string): Answer {
  return { orderId, status: 200, headers: {}, body: '' };
}

import { Injectable, Logger } from '@nestjs/common';
import { Db, GroupCommit, type Tx } from '@tradepost/database';
import { type Flow, Rejected } from '@tradepost/messaging';
import { MoveOrder } from './move-order';
import { decide, type OrderEvent } from './order';
import { logStates } from './order-log';
import { type LockedOrder, type Move, OrdersStore } from './orders.store';

/** An event of an order, which may advance it. */
export interface Advance {
  orderId: string;
  event: OrderEvent;
  /** The message that brought the event; undefined: the flow that runs. */
  because?: Flow;
}

/** What came of an advance: a move, an error, or nothing: the order shows the event already. */
export interface Advanced {
  move?: Move;
  /** `Rejected` when no state allows the event, or the order is unknown; any other: it is early. */
  error?: Error;
  /** Before the event; undefined: unknown. */
  order?: LockedOrder;
}

/** Events of one transaction at most. */
const sizeMax = 128;

/** Runs in the same transaction if an order changes. */
type Along = (tx: Tx) => Promise<void>;

/**
 * Applies events to orders. No inbox: `decide` answers `same` to an event that was applied before,
 * whatever came after it, so that a copy of its message changes nothing.
 */
@Injectable()
export class AdvanceOrder {
  private readonly log = new Logger(AdvanceOrder.name);
  private readonly commits: GroupCommit<Advance, Advanced>;

  constructor(
    db: Db,
    private readonly orders: OrdersStore,
    private readonly moveOrder: MoveOrder,
  ) {
    this.commits = new GroupCommit(db, async (tx, advances) => this.runIn(tx, advances), sizeMax);
  }

  /** @throws Rejected when no state allows the event, or the order is unknown; Error when early */
  async run(advance: Advance): Promise<void> {
    const [error] = await this.runEach([advance]);
    if (error) throw error;
  }

  /**
   * In few transactions, which all handlers of orders share.
   * @returns in their order, why one was not applied
   */
  async runEach(advances: readonly Advance[]): Promise<(Error | undefined)[]> {
    const committed = advances.map(async (advance) =>
      this.commits.add(advance).catch((error: Error): Advanced => ({ error })),
    );
    const outcomes = await Promise.all(committed);
    this.report(outcomes);
    return outcomes.map(({ error }) => error);
  }

  /** Several events of one order meet it one after another, as the one before left it. */
  async runIn(tx: Tx, advances: readonly Advance[], along?: Along): Promise<Advanced[]> {
    const ids = advances.map(({ orderId }) => orderId);
    const orders = await this.orders.lockEach(tx, ids);
    const at = new Date().toISOString();
    const outcomes = advances.map((advance) => {
      const outcome = advanced(orders.get(advance.orderId), advance, at);
      if (outcome.move) orders.set(advance.orderId, outcome.move.order);
      return outcome;
    });
    const moves = outcomes.flatMap(({ move }) => move ?? []);
    if (moves.length > 0) {
      await this.moveOrder.runEach(tx, moves);
      await along?.(tx);
    }
    return outcomes;
  }

  /** To be called after the commit. */
  report(outcomes: readonly Advanced[]): void {
    for (const { move } of outcomes) if (move) logStates(this.log, move);
  }
}

function advanced(order: LockedOrder | undefined, advance: Advance, at: string): Advanced {
  const { orderId, event, because } = advance;
  // Every message about an order is sent after the order was committed.
  if (!order) return { error: new Rejected('order_unknown', `there is no order ${orderId}`) };
  const transition = decide(order, event);
  switch (transition.kind) {
    case 'same':
      return { order };
    case 'early':
      return {
        order,
        error: new Error(`${event.name} is early: order ${orderId} is still ${order.status}`),
      };
    case 'refused': {
      const { code } = transition;
      return { order, error: new Rejected(code, `order ${orderId} is ${order.status}: ${code}`) };
    }
    case 'change': {
      const { states, booked, refunded } = transition;
      const next: LockedOrder = {
        ...order,
        booked,
        refunded,
        status: states.at(-1) ?? order.status,
        steps: order.steps + states.length,
        customerName: event.customerName ?? order.customerName,
      };
      return { order, move: { order: next, states, cause: event.cause, at, because } };
    }
  }
}

import { Injectable } from '@nestjs/common';
import { GetUser } from '@tradepost/contracts';
import { type Flow, inFlowOf, Messages, Rejected } from '@tradepost/messaging';
import { AdvanceOrder } from './advance-order';
import type { OrderEvent } from './order';
import { OrdersStore } from './orders.store';

const getUserTimeoutMs = 2_000;

/** An order to confirm, and the message that asks for it; undefined: the flow that runs. */
export interface Confirmation {
  orderId: string;
  customerId: string;
  because?: Flow;
}

@Injectable()
export class ConfirmOrder {
  constructor(
    private readonly orders: OrdersStore,
    private readonly messages: Messages,
    private readonly advanceOrder: AdvanceOrder,
  ) {}

  /** @throws what `runEach` returns for it */
  async run(confirmation: Confirmation): Promise<void> {
    const [error] = await this.runEach([confirmation]);
    if (error) throw error;
  }

  /**
   * Asks users for the customers. An active customer: the order awaits its payment and the sale is
   * finalized. Any other: the order is rejected.
   * @returns in their order, why one was not confirmed: `Rejected` for an unknown order, or the
   *   error that keeps users from answering, so that the message is retried
   */
  async runEach(confirmations: readonly Confirmation[]): Promise<(Error | undefined)[]> {
    // Outside of any transaction: up to two seconds are too long to hold a connection and a lock.
    const answers = await this.identifyEach(confirmations);
    const advances = confirmations.flatMap(({ orderId, because }, index) => {
      const event = answers[index];
      return event && !(event instanceof Error) ? [{ index, orderId, event, because }] : [];
    });
    const outcomes = await this.advanceOrder.runEach(advances);
    const errors = await this.unanswered(confirmations, answers);
    advances.forEach(({ index }, position) => (errors[index] = outcomes[position]));
    return errors;
  }

  /** One question for all orders of a customer. */
  private async identifyEach(
    confirmations: readonly Confirmation[],
  ): Promise<(OrderEvent | Error)[]> {
    const asked = new Map<string, Promise<OrderEvent | Error>>();
    const answers = confirmations.map(async ({ customerId, because }) => {
      const ask = async () => this.identify(customerId);
      const answer = asked.get(customerId) ?? (because ? inFlowOf(because, ask) : ask());
      asked.set(customerId, answer);
      return answer;
    });
    return Promise.all(answers);
  }

  private async identify(customerId: string): Promise<OrderEvent | Error> {
    try {
      const user = await this.messages.ask(
        GetUser,
        { id: customerId },
        { timeoutMs: getUserTimeoutMs },
      );
      if (user.status !== 'active') return refused(`user_${user.status}`);
      return { name: 'customer-known', cause: 'customer-known', customerName: user.name };
    } catch (error) {
      if (error instanceof Rejected && error.code === 'user_unknown') return refused(error.code);
      return error as Error;
    }
  }

  /** An order that is not pending any more, or cancelled meanwhile, needs no answer. */
  private async unanswered(
    confirmations: readonly Confirmation[],
    answers: readonly (OrderEvent | Error)[],
  ): Promise<(Error | undefined)[]> {
    const errors = answers.map((answer) => (answer instanceof Error ? answer : undefined));
    if (!errors.some(Boolean)) return errors;
    const ids = confirmations.filter((_, index) => errors[index]).map(({ orderId }) => orderId);
    const found = await this.orders.findEach(ids);
    return errors.map((error, index) => {
      const status = found.get(confirmations[index]?.orderId ?? '')?.order.status;
      return status === undefined || status === 'pending' ? error : undefined;
    });
  }
}

function refused(code: string): OrderEvent {
  return { name: 'customer-refused', cause: `customer-refused: ${code}` };
}

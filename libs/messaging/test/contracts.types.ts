// Checked by tsc alone, never run: what must not compile, does not. A line that starts to compile
// fails the check, because its @ts-expect-error is then unused.

import {
  ConfirmOrder,
  GetUser,
  LogEntries,
  OrderCancelled,
  PaymentCaptured,
  PaymentDeclined,
  User,
  type SaleFinalized,
} from '@tradepost/contracts';
import type { Tx } from '@tradepost/database';
import {
  OnFanout,
  OnRpc,
  OnTopic,
  OnWork,
  Rejected,
  send,
  type Message,
  type Messages,
  type Received,
} from '@tradepost/messaging';
import { upcast } from '@tradepost/messaging/contract';

declare const tx: Tx;
declare const messages: Messages;

const orderId = 'd7a6ac4e-9bd4-4ec3-a0e2-d2f4b1f3e6a1';
const lines: LogEntries = {
  entries: [{ level: 'info', service: 'orders', message: 'hello', time: '2026-01-01' }],
};
const paul: User = { id: '1', name: 'Paul Jhon', email: 'paul.jhon@example.com', status: 'active' };

class UserV1 {
  static readonly route = GetUser.route;

  id!: string;
}

export class UserAsNow {
  static readonly route = GetUser.route;
  static readonly upcasts = [
    upcast(UserV1, ({ id }): UserAsNow => ({ id, since: 1 })),
    // @ts-expect-error an old body has no such field
    upcast(UserV1, ({ name }): UserAsNow => ({ id: name, since: 1 })),
    // @ts-expect-error today's has one more
    upcast(UserV1, ({ id }): UserAsNow => ({ id })),
  ];

  id!: string;
  since!: number;
}

export async function sending(): Promise<void> {
  await send(tx, ConfirmOrder, { orderId, customerId: '1' });
  await send(tx, OrderCancelled, { orderId, reason: 'changed their mind' });
  // @ts-expect-error a field of another type
  await send(tx, ConfirmOrder, { orderId: 1, customerId: '1' });
  // @ts-expect-error a field is missing
  await send(tx, OrderCancelled, { orderId });
  // @ts-expect-error a field that the contract does not have
  await send(tx, ConfirmOrder, { orderId, customerId: '1', reason: 'changed their mind' });
  // @ts-expect-error an rpc contract is asked
  await send(tx, GetUser, { id: '1' });
  // @ts-expect-error a topic contract is told
  await send(tx, LogEntries, lines);
  // @ts-expect-error no transaction
  await send(messages, ConfirmOrder, { orderId, customerId: '1' });
}

export async function asking(): Promise<string> {
  const user = await messages.ask(GetUser, { id: '1' }, { timeoutMs: 2_000 });
  // @ts-expect-error the reply has no such field
  void user.phone;
  // @ts-expect-error a body of another type
  await messages.ask(GetUser, { id: 1 });
  // @ts-expect-error a work contract is sent
  await messages.ask(ConfirmOrder, { orderId, customerId: '1' });
  return user.name;
}

export function telling(): void {
  messages.tell(LogEntries, 'log.info', lines);
  // @ts-expect-error a level that there is not
  messages.tell(LogEntries, 'log.info', { entries: [{ level: 'fatal' }] });
  // @ts-expect-error a fanout contract is sent
  messages.tell(OrderCancelled, 'log.info', {
    orderId,
    customerId: '1',
    reason: 'changed their mind',
  });
}

export class GoodHandlers {
  @OnWork(ConfirmOrder)
  async work(_body: ConfirmOrder, _message: Message): Promise<void> {}

  @OnFanout(PaymentCaptured, { prefetch: 4 })
  async fanout(_body: PaymentCaptured): Promise<void> {}

  @OnTopic(LogEntries, { queue: 'logs', key: 'log.*' })
  async topic(_lines: LogEntries): Promise<void> {}

  @OnRpc(GetUser)
  async rpc(_query: GetUser): Promise<User> {
    return paul;
  }

  @OnRpc(GetUser, { batch: { size: 10 } })
  async rpcs(_queries: Received<GetUser>[]): Promise<(User | Rejected)[]> {
    return [paul, new Rejected('user_unknown')];
  }

  @OnFanout(PaymentCaptured, { batch: { size: 10 } })
  async batch(_batch: Received<PaymentCaptured>[]): Promise<void> {}

  @OnWork(ConfirmOrder)
  async nothing(): Promise<void> {}
}

export class ContractsOfAnotherPattern {
  // @ts-expect-error a fanout contract
  @OnWork(PaymentCaptured)
  async work(_body: PaymentCaptured): Promise<void> {}

  // @ts-expect-error an rpc contract, though its route has a queue too
  @OnWork(GetUser)
  async workOfRpc(_query: GetUser): Promise<void> {}

  // @ts-expect-error a work contract
  @OnFanout(ConfirmOrder)
  async fanout(_body: ConfirmOrder): Promise<void> {}

  // @ts-expect-error a topic contract, though its route has an exchange too
  @OnFanout(LogEntries)
  async fanoutOfTopic(_lines: LogEntries): Promise<void> {}

  // @ts-expect-error a fanout contract
  @OnTopic(PaymentCaptured, { queue: 'payments', key: '#' })
  async topic(_body: PaymentCaptured): Promise<void> {}

  // @ts-expect-error a work contract
  @OnRpc(ConfirmOrder)
  async rpc(_body: ConfirmOrder): Promise<User> {
    return paul;
  }
}

export class HandlersWithoutPromise {
  // @ts-expect-error would be acked before its work is done
  @OnWork(ConfirmOrder)
  work(_body: ConfirmOrder): void {}

  // @ts-expect-error would be acked before its work is done
  @OnFanout(PaymentCaptured)
  fanout(_body: PaymentCaptured): void {}

  // @ts-expect-error would be acked before its work is done
  @OnTopic(LogEntries, { queue: 'logs', key: 'log.*' })
  topic(_lines: LogEntries): void {}

  // @ts-expect-error would answer before it knows
  @OnRpc(GetUser)
  rpc(_query: GetUser): User {
    return paul;
  }
}

export class HandlersOfAnotherBody {
  // @ts-expect-error not this contract's body
  @OnWork(ConfirmOrder)
  async work(_sale: SaleFinalized): Promise<void> {}

  // @ts-expect-error a captured payment has no reason
  @OnFanout(PaymentCaptured)
  async wider(_body: PaymentDeclined): Promise<void> {}

  // @ts-expect-error a batch comes as Received<…>[]
  @OnFanout(PaymentCaptured, { batch: { size: 10 } })
  async batch(_body: PaymentCaptured): Promise<void> {}

  // @ts-expect-error one message a call, unless a batch was asked for
  @OnFanout(PaymentCaptured)
  async single(_batch: Received<PaymentCaptured>[]): Promise<void> {}

  // @ts-expect-error a topic handler says its queue and key
  @OnTopic(LogEntries)
  async topic(_lines: LogEntries): Promise<void> {}
}

export class HandlersOfAnotherReply {
  // @ts-expect-error an answer without the user's email
  @OnRpc(GetUser)
  async missing(_query: GetUser): Promise<Omit<User, 'email'>> {
    return paul;
  }

  // @ts-expect-error an answer without the user's email
  @OnRpc(GetUser, { batch: { size: 10 } })
  async missingInBatch(_queries: Received<GetUser>[]): Promise<(Omit<User, 'email'> | Error)[]> {
    return [paul];
  }

  // @ts-expect-error one question a call, unless a batch was asked for
  @OnRpc(GetUser)
  async many(_queries: Received<GetUser>[]): Promise<User[]> {
    return [paul];
  }

  // @ts-expect-error no user is no answer: a Rejected is
  @OnRpc(GetUser, { batch: { size: 10 } })
  async gaps(_queries: Received<GetUser>[]): Promise<(User | undefined)[]> {
    return [undefined];
  }

  // @ts-expect-error no answer
  @OnRpc(GetUser)
  async nothing(_query: GetUser): Promise<void> {}

  // @ts-expect-error no user is no answer: throw Rejected
  @OnRpc(GetUser)
  async maybe(_query: GetUser): Promise<User | undefined> {
    return undefined;
  }
}

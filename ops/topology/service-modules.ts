import 'reflect-metadata';
import type { Type } from '@nestjs/common';
import * as contracts from '@tradepost/contracts';
import { wiringsOf, type Wiring } from '@tradepost/messaging';
import type { Contract } from '@tradepost/messaging/contract';
import { FinancialModule } from '../../apps/financial/src/financial.module';
import { LogSinkModule } from '../../apps/log-sink/src/log-sink.module';
import { OrdersModule } from '../../apps/orders/src/orders.module';
import { PaymentsModule } from '../../apps/payments/src/payments.module';
import { UsersModule } from '../../apps/users/src/users.module';
import type { Service } from '../migrate-services';

const modules: Record<Service, Type> = {
  orders: OrdersModule,
  users: UsersModule,
  financial: FinancialModule,
  payments: PaymentsModule,
  'log-sink': LogSinkModule,
};

/** The handlers of each service, read off its module; no service is started. */
export function wiringsOfServices(): Record<string, Wiring[]> {
  const each = Object.entries(modules);
  return Object.fromEntries(each.map(([name, module]) => [name, wiringsOf(module, name)]));
}

/** Every message class of libs/contracts. */
export function everyContract(): Contract[] {
  return Object.values(contracts).filter(
    (one): one is Contract & typeof one => typeof one === 'function' && 'route' in one,
  );
}

import { Module } from '@nestjs/common';
import { ServiceModule } from '@tradepost/service';
import { CallbacksStore } from './callbacks/callbacks.store';
import { ChargesController } from './charges.controller';
import { ChargesStore } from './charges/charges.store';
import { CreateCharge } from './charges/create-charge';
import { FaultInjection } from './faults/fault-injection';
import { SandboxGatewayConfig } from './sandbox-gateway.config';
import { ScheduleCallbacks } from './callbacks/schedule-callbacks';
import { SendCallbacks } from './callbacks/send-callbacks';
import { SettleCharges } from './charges/settle-charges';

/** A payment provider that takes no real money. No part of the shop: it has no broker. */
@Module({
  imports: [
    ServiceModule.forRoot({
      name: 'sandbox-gateway',
      about: 'A payment provider that takes no real money.',
      api: 'docs/API.md#the-sandbox-payment-gateway',
      config: SandboxGatewayConfig,
      broker: false,
    }),
  ],
  controllers: [ChargesController],
  providers: [
    CreateCharge,
    SettleCharges,
    ScheduleCallbacks,
    SendCallbacks,
    FaultInjection,
    ChargesStore,
    CallbacksStore,
  ],
})
export class SandboxGatewayModule {}

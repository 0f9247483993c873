import { Module } from '@nestjs/common';
import { SandboxBooks } from './charges/books.store';
import { ServiceModule } from '@tradepost/service';
import { Callbacks } from './callbacks/callbacks';
import { CallbacksStore } from './callbacks/callbacks.store';
import { Chance } from './faults/chance';
import { ChargesController } from './charges.controller';
import { Patience } from './faults/patience';
import { Rounds } from './callbacks/rounds';
import { SandboxGatewayConfig } from './sandbox-gateway.config';
import { SendCallbacks } from './callbacks/send-callbacks';
import { SettleCharges } from './charges/settle-charges';
import { TakeCharge } from './charges/take-charge';
import { Trouble } from './faults/trouble';

/** A payment provider that takes no real money. No part of the shop: it has no broker. */
@Module({
  imports: [
    ServiceModule.forRoot({ name: 'sandbox-gateway', config: SandboxGatewayConfig, broker: false }),
  ],
  controllers: [ChargesController],
  providers: [
    TakeCharge,
    SettleCharges,
    SendCallbacks,
    Callbacks,
    Rounds,
    Trouble,
    Patience,
    Chance,
    CallbacksStore,
    SandboxBooks,
  ],
})
export class SandboxGatewayModule {}

import { Module } from '@nestjs/common';
import { SandboxBooks } from '@tradepost/sandbox';
import { ServiceModule } from '@tradepost/service';
import { Callbacks } from './callbacks';
import { CallbacksStore } from './callbacks.store';
import { Chance } from './chance';
import { ChargesController } from './charges.controller';
import { Patience } from './patience';
import { Rounds } from './rounds';
import { SandboxGatewayConfig } from './sandbox-gateway.config';
import { SendCallbacks } from './send-callbacks';
import { SettleCharges } from './settle-charges';
import { TakeCharge } from './take-charge';
import { Trouble } from './trouble';

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

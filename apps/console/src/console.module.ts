import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { ServiceModule } from '@tradepost/service';
import { Admission } from './session/admission';
import { BrokerView } from './live/broker-view';
import { Bursts } from './orders/bursts';
import { ConsoleConfig } from './console.config';
import { FlowController } from './flow.controller';
import { Instances } from './live/instances';
import { LedgerController } from './ledger.controller';
import { LiveController } from './live.controller';
import { LogsController } from './logs.controller';
import { Note } from './operations/note';
import { OrdersController } from './orders.controller';
import { PageController } from './page.controller';
import { PageFiles } from './page/page-files';
import { PageStreams } from './sse/page-streams';
import { Place } from './orders/place';
import { Poller } from './live/poller';
import { ReadFlow } from './flow/read-flow';
import { ReadLedger } from './ledger/read-ledger';
import { ReadLedgerSeries } from './ledger/ledger-series';
import { Services } from './upstream/services';
import { SessionController } from './session.controller';
import { ShopFigures } from './live/shop-figures';
import { SignIn } from './session/sign-in';
import { SystemView } from './live/system-view';
import { TailLogs } from './logs/tail-logs';
import { Topologies } from './flow/topologies';

const edges = [
  SessionController,
  LiveController,
  FlowController,
  OrdersController,
  LogsController,
  LedgerController,
  // Last: it takes what no other does.
  PageController,
];

const asking = [Services, Instances, BrokerView, Topologies, ShopFigures];
const telling = [PageStreams, Poller, SystemView, ReadFlow];
const useCases = [SignIn, Place, Bursts, ReadLedger, ReadLedgerSeries, TailLogs, Note];

/** The window on the shop: it asks the services and the broker, keeps nothing, tells its page. */
@Module({
  imports: [ServiceModule.forRoot({ name: 'console', config: ConsoleConfig, database: false })],
  controllers: edges,
  providers: [
    { provide: APP_GUARD, useClass: Admission },
    PageFiles,
    ...asking,
    ...telling,
    ...useCases,
  ],
})
export class ConsoleModule {}

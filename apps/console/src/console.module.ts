import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { ServiceModule } from '@tradepost/service';
import { ActOnDeadLetters } from './dead-letters/act-on-dead-letters';
import { Admission } from './session/admission';
import { AskDrills } from './drills/ask-drills';
import { BrokerView } from './live/broker-view';
import { Bursts } from './orders/bursts';
import { ConsoleConfig } from './console.config';
import { DeadLettersController } from './dead-letters.controller';
import { DocumentsController } from './documents.controller';
import { DrillsController } from './drills.controller';
import { FlowController } from './flow.controller';
import { DueRetries } from './live/due-retries';
import { GatherFacts } from './journey/gather-facts';
import { Instances } from './live/instances';
import { JourneyController } from './journey.controller';
import { LedgerController } from './ledger.controller';
import { LiveController } from './live.controller';
import { LogsController } from './logs.controller';
import { Note } from './operations/note';
import { OperationsController } from './operations.controller';
import { OrdersController } from './orders.controller';
import { PageController } from './page.controller';
import { PageFiles } from './page/page-files';
import { PageStreams } from './sse/page-streams';
import { PeekQueue } from './live/peek-queue';
import { Place } from './orders/place';
import { Poller } from './live/poller';
import { QueuesController } from './queues.controller';
import { ReadDeadLetters } from './dead-letters/read-dead-letters';
import { ReadDocuments } from './documents/read-documents';
import { ReadFlow } from './flow/read-flow';
import { ReadLedger } from './ledger/read-ledger';
import { ReadLedgerSeries } from './ledger/ledger-series';
import { ReadOperations } from './operations/read-operations';
import { ReadTopology } from './topology/read-topology';
import { Services } from './upstream/services';
import { SessionController } from './session.controller';
import { ShopFigures } from './live/shop-figures';
import { SignIn } from './session/sign-in';
import { StepFeed } from './live/step-feed';
import { StepStore } from './journey/step-store';
import { SystemView } from './live/system-view';
import { TailLogs } from './logs/tail-logs';
import { Topologies } from './flow/topologies';
import { TopologyController } from './topology.controller';
import { TurnHandlers } from './live/turn-handlers';
import { WatchJourney } from './journey/watch-journey';

const edges = [
  SessionController,
  LiveController,
  FlowController,
  QueuesController,
  OrdersController,
  JourneyController,
  DeadLettersController,
  LogsController,
  LedgerController,
  TopologyController,
  DocumentsController,
  OperationsController,
  DrillsController,
  // Last: it takes what no other does.
  PageController,
];

const asking = [Services, Instances, BrokerView, Topologies, ShopFigures];
const telling = [PageStreams, Poller, StepFeed, StepStore, SystemView, ReadFlow, DueRetries];
const useCases = [
  SignIn,
  Place,
  Bursts,
  GatherFacts,
  WatchJourney,
  TurnHandlers,
  PeekQueue,
  ReadDeadLetters,
  ActOnDeadLetters,
  ReadLedger,
  ReadLedgerSeries,
  ReadTopology,
  ReadDocuments,
  ReadOperations,
  AskDrills,
  TailLogs,
  Note,
];

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

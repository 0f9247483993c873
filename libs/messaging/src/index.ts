export { runDeadLettersCommand } from './commands/dead-letters';
export { print, wiringsOfServices, type CommandSettings } from './commands/settings';
export { rightsOfParties } from './commands/topology-users';
export { runTopologyCommand } from './commands/topology';
export type { Contract } from './contract';
export { currentTrace, inFlowOf, inNewFlow, withTrace, type Flow, type Trace } from './context';
export type { Database, Statement, Transaction } from './outbox/database';
export type { OperationSummary } from './dead-letters/audit-trail';
export { DeadLetters, ReplayTooSlow, type DeadLettersOptions } from './dead-letters/dead-letters';
export { OperationInterrupted } from './dead-letters/operation';
export { DeadLettersBusy } from './dead-letters/operators-lock';
export { ReplayRefused, Replays } from './dead-letters/replays';
export { ServiceDeadLetters } from './dead-letters/service-dead-letters';
export type { DeadLetter } from './dead-letters/shapes';
export { Histogram } from './observe/histogram';
export {
  MessagingMetrics,
  type HandlerMetrics,
  type ProcessMetrics,
  type QueueMetrics,
  type StoredMetrics,
} from './observe/messaging-metrics';
export { Named } from './observe/named';
export type { OperationTime } from './observe/operation-times';
export { NoAnswer } from './time';
export { ServiceHandlers, type DeclaredMessaging } from './observe/service-handlers';
export type { SentCount } from './observe/sent-counts';
export { Steps } from './observe/steps';
export { UnknownOperation } from './dead-letters/undo';
export {
  OnFanout,
  OnRpc,
  OnTopic,
  OnWork,
  type HandlerOptions,
  type TopicOptions,
} from './handlers/decorators';
export type { BatchOptions, KeepNewest, Wiring } from './handlers/handler';
export type { Unlisted } from './handlers/unlisted';
export {
  BadJson,
  InvalidBody,
  MissingMessageId,
  UnknownEncoding,
  PublishBufferFull,
  PublishRefused,
  PublishUnknown,
  Rejected,
  RpcFailed,
  RpcTimeout,
  TopologyMissing,
  TopologyRefused,
  Unroutable,
} from './errors';
export { WiringError } from './wiring-error';
export { PermissionMissing } from './permission-missing';
export { MessagingHealth, type MessagingFigures, type MessagingState } from './liveness/health';
export { once, onceEach } from './outbox/inbox';
export { failures, Message, type Failed, type Received } from './message';
export { Messages, type AskOptions } from './messages';
export { MessagingModule, type MessagingAsyncOptions } from './messaging.module';
export type { MessagingOptions } from './messaging-options';
export type * from './ops';
export { printable, printableLines } from './printable';
export { send, sendEach, type Consequence } from './outbox/outbox';
export { toInstance } from './body';
export { buildInstance, harmless, isHarmless } from './validation/build-instance';
export type { Tier } from './consume/retry-tiers';
export { BadBrokerUrl } from './connection/bad-broker-url';
export { nodesOf, virtualHostOf } from './connection/nodes';
export { tlsOf } from './connection/tls';
export { Apply, isForbidden, type ApplyOptions } from './topology/apply';
export { BrokerApi, type BrokerFacts } from './topology/broker-api';
export { managementDispatcher } from './topology/management-dispatcher';
export { planTopology } from './topology/check-topology';
export { desiredTopology } from './topology/desired-topology';
export type { Difference } from './topology/differences';
export { advise } from './topology/lint';
export type { Topology } from './topology/topology';
export { permissionsOf, type Permissions } from './topology/permissions';
export { topologyOfServices } from './topology/topology-of-services';
export { doorOf, replyExchange, type Mode } from './topology/ways';
export {
  fanoutType,
  keysExchange,
  partitionsOf,
  slotCount,
  type Partitions,
} from './ordered/slots';
export type { HeldCount } from './ordered/held-figures';
export type { HeldKey } from './ordered/held-key';
export type { OnDead } from './ordered/in-order';
export { unhandledAmong } from './topology/unhandled';
export type { Rights } from './topology/users';
export { utf8Text } from './utf8';
export { canonicalId, canonicalIds } from './validation/canonical-ids';
export { inheritedName } from './validation/plain';
export { isStorable, notStorable, pointerTo, storable } from './validation/storable';

export { currentTrace, withTrace, type Trace } from './context';
export type { Database, Statement, Transaction } from './database';
export type { Outcome } from './dead-letters/batch';
export type { BatchSummary } from './dead-letters/batches';
export {
  DeadLetters,
  ReplayTooSlow,
  type DeadLettersOptions,
  type ShownLetter,
  type Verdict,
} from './dead-letters/dead-letters';
export type { Letter, Selection } from './dead-letters/letter';
export type { LetterGroup } from './dead-letters/letter-groups';
export { DeadLettersBusy } from './dead-letters/lock';
export { ServiceDeadLetters } from './dead-letters/service-dead-letters';
export { UnknownBatch } from './dead-letters/undo';
export {
  OnFanout,
  OnRpc,
  OnTopic,
  OnWork,
  type BatchOptions,
  type HandlerOptions,
  type TopicOptions,
} from './decorators';
export {
  BadJson,
  InvalidBody,
  PublishBufferFull,
  PublishRefused,
  PublishUnknown,
  Rejected,
  RpcFailed,
  RpcTimeout,
  TopologyRefused,
  Unroutable,
  WiringError,
} from './errors';
export { MessagingHealth, type MessagingFigures, type MessagingState } from './health';
export { once, onceEach } from './inbox';
export { Message, type Received } from './message';
export { Messages, type AskOptions } from './messages';
export { MessagingModule, type MessagingAsyncOptions } from './messaging.module';
export type { MessagingOptions } from './messaging-options';
export { send, sendEach, type Consequence } from './outbox';
export { defaultRetry, tierDelaysMs, type Tier } from './tiers';
export { Apply, type ApplyOptions } from './topology/apply';
export { planTopology } from './topology/plan';
export { BrokerApi } from './topology/broker-api';
export type { Difference } from './topology/differences';
export { lintTopology, type Advice } from './topology/lint';
export type { Topology } from './topology/topology';
export { wantedBy } from './topology/wanted';
export { wiringsOf } from './wiring';
export type { Wiring } from './handler';

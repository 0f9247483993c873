export { currentTrace, withTrace, type Trace } from './context';
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
export { MessagingHealth, type MessagingState } from './health';
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

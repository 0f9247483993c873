export {
  ContractDeserializer,
  ContractSerializer,
  ReplyDeserializer,
} from './nest/contract-formats';
export { messageOf } from './nest/message-of';
export { RabbitClient } from './nest/rabbit-client';
export { RabbitStrategy } from './nest/rabbit-strategy';
export type { ClientOptions, StrategyOptions } from './nest/strategy-options';

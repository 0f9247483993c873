export { RabbitClient } from './nest/rabbit-client';
export { RabbitStrategy } from './nest/rabbit-strategy';
export type { ClientOptions, StrategyOptions } from './nest/strategy-options';

import type { RabbitMQConfig } from '@golevelup/nestjs-rabbitmq';
import type { Tier } from '../consume/retry-tiers';
import { WiringError } from '../wiring-error';
import { urlOf, urlsOf } from '../nest/strategy-options';
import type { Database } from '../outbox/database';

/** golevelup's own; docs/MIGRATING.md says what became of each. */
export interface RabbitMQOptions extends RabbitMQConfig {
  /** Named in logs, and as `appId` of what is said; `name` when not given. */
  service?: string;
  /** The waits between tries of a message; after the last it is dead-lettered. */
  retry?: readonly Tier[];
  /** Where `publishIn` writes, and what its messages are relayed from. */
  database?: Database;
  /** How long a confirm may take, in milliseconds; 10,000 when not given. */
  publishTimeoutMs?: number;
  /** How long a shutdown waits for handlers to finish, in milliseconds; 5,000 when not given. */
  drainTimeoutMs?: number;
  /** A consumer with no sign of itself for so long is checked; 10,000 when not given. */
  consumerCheckMs?: number;
  /** A message in a handler's hands for longer makes it unready; 60,000 when not given. */
  heldMaxMs?: number;
}

/** What is understood, or does nothing here by what docs/MIGRATING.md says. */
const known = new Set([
  'name',
  'uri',
  'prefetchCount',
  'exchanges',
  'exchangeBindings',
  'queues',
  'defaultRpcTimeout',
  'defaultExchangeType',
  'defaultRpcErrorHandler',
  'defaultSubscribeErrorBehavior',
  'connectionInitOptions',
  'connectionManagerOptions',
  'registerHandlers',
  'enableDirectReplyTo',
  'enableControllerDiscovery',
  'channels',
  'handlers',
  'defaultHandler',
  'logger',
  'deserializer',
  'serializer',
  'defaultPublishOptions',
  'service',
  'retry',
  'database',
  'publishTimeoutMs',
  'drainTimeoutMs',
  'consumerCheckMs',
  'heldMaxMs',
]);

/** What would lose messages, or cannot be had. */
export type Problem = [option: string, why: string];

/** @throws WiringError naming each */
export function refuse(problems: readonly Problem[]): void {
  if (problems.length === 0) return;
  const lines = problems.map(([option, why]) => `  ${option}: ${why}`);
  throw new WiringError(['options that cannot keep the guarantee:', ...lines].join('\n'));
}

/** Of the options that concern no queue and no handler. */
export function problemsOf(config: RabbitMQOptions): Problem[] {
  const problems: Problem[] = [];
  for (const option of Object.keys(config)) {
    if (!known.has(option)) problems.push([option, 'is not known']);
  }
  const { enableDirectReplyTo = true, logger, connectionManagerOptions = {}, uri } = config;
  if (!enableDirectReplyTo) {
    problems.push(['enableDirectReplyTo', 'answers come by direct reply-to alone']);
  }
  if (logger !== undefined) problems.push(['logger', 'give it to the application: app.useLogger']);
  if ('findServers' in connectionManagerOptions) {
    problems.push([
      'connectionManagerOptions.findServers',
      'give the address of the broker in uri',
    ]);
  }
  if ([uri].flat().some((one) => typeof one === 'object' && one.frameMax)) {
    problems.push(['uri.frameMax', 'the broker says how long a frame may be']);
  }
  return problems;
}

/** Of each node. */
export function urisOf({ uri }: RabbitMQOptions): string[] {
  const urls = [uri].flat().map((one) => {
    if (typeof one === 'string') return one;
    // golevelup puts it behind the port as it is: with its slash.
    const vhost = one.vhost?.replace(/^\//, '');
    return urlOf({ ...one, vhost: vhost === '' ? undefined : vhost });
  });
  return urls.length === 0 ? urlsOf({}) : urls;
}

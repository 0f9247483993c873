import type { Contract } from '../contract';
import type { Wiring } from '../handlers/handler';
import type { Advice } from './advice';
import type { BrokerFacts } from './broker-api';
import type { Found, FoundQueue } from './differences';
import type { Topology } from './topology';
import { isHandled, nobody } from './unhandled';

const warning = (code: string, text: string): Advice => ({ level: 'warning', code, text });
const note = (code: string, text: string): Advice => ({ level: 'note', code, text });

type Flag = NonNullable<BrokerFacts['flags']>[number];

/** What contracts and handlers declare. */
export interface Desired {
  topology: Topology;
  wirings: readonly Wiring[];
  contracts: readonly Contract[];
}

/** What to know and what to do about this broker before it becomes an incident. */
export function advise(facts: BrokerFacts, desired: Desired): Advice[] {
  const { flags, found } = facts;
  return [
    ...adviseVersion(facts),
    ...adviseDeprecated(facts),
    ...adviseFlags(flags),
    ...found.queues.flatMap((queue) => adviseDeadLetters(queue, desired.topology, found)),
    ...adviseContracts(desired),
    ...adviseQueues(desired),
  ];
}

function adviseVersion({ version }: BrokerFacts): Advice[] {
  if (!isSince(version, '3.10')) {
    const text = `RabbitMQ ${version}: at-least-once dead-lettering needs 3.10 or later`;
    return [warning('version', text)];
  }
  const later = ': later than any this was tested on (3.10 to 4.3)';
  const text = `RabbitMQ ${version}${isSince(version, '4.4') ? later : ''}`;
  const nack =
    'nack with requeue does not count towards x-delivery-limit here: a client that fails so is ' +
    'given the same message for ever. This runtime gives back by reject, which counts';
  const nacks = isSince(version, '4.3') ? [note('nack-not-counted', nack)] : [];
  return [note('version', text), ...nacks];
}

// RabbitMQ refuses a deprecated feature one day, or quietly changes its meaning.
function adviseDeprecated({ deprecated, inUse, found, globalPrefetches }: BrokerFacts): Advice[] {
  const transient = found.queues.filter(({ durable, exclusive }) => !durable && !exclusive);
  const advice = transient.map(({ name }) => {
    const text = `${name} is neither durable nor exclusive: a later RabbitMQ refuses it`;
    return warning('transient-queue', text);
  });
  if (globalPrefetches > 0) {
    const text = `${globalPrefetches} channels set a global prefetch, which RabbitMQ 4.3 ignores`;
    const why = 'there it is a limit of each consumer, not of all together';
    advice.push(warning('global-qos', `${text}: ${why}`));
  }
  if (deprecated.some(({ name, state }) => name === 'global_qos' && state === 'denied')) {
    const text = 'a global prefetch is a limit of each consumer here, not of all together';
    advice.push(note('global-qos', text));
  }
  const used = inUse.map((name) => {
    const text = `something on this broker uses ${name}, which a later RabbitMQ refuses`;
    return note('deprecated-feature', text);
  });
  return [...advice, ...used];
}

/** Compares `major.minor`. */
function isSince(version: string, least: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [leastMajor = 0, leastMinor = 0] = least.split('.').map(Number);
  return major === leastMajor ? minor >= leastMinor : major > leastMajor;
}

function adviseFlags(flags: BrokerFacts['flags']): Advice[] {
  if (flags !== undefined) return flags.flatMap(adviseFlag);
  const text = 'feature flags were not looked at: this broker shows them to administrators alone';
  return [note('feature-flag', text)];
}

function adviseFlag({ name, state, stability }: Flag): Advice[] {
  if (state === 'enabled' || stability === 'experimental') return [];
  const text =
    `feature flag ${name} is ${state}: an upgrade may refuse to start without it ` +
    `(rabbitmqctl enable_feature_flag ${name}, once every node runs this version)`;
  return [warning('disabled-feature-flag', text)];
}

function adviseDeadLetters(queue: FoundQueue, desired: Topology, found: Found): Advice[] {
  const { name, args, policy } = queue;
  const exchange = args['x-dead-letter-exchange'] ?? policy['dead-letter-exchange'];
  const want = desired.queues.find((one) => one.name === name)?.args;
  if (exchange === undefined) {
    if (want?.['x-dead-letter-exchange'] === undefined) return [];
    const text = `${name} has no dead-letter exchange: its failed messages are lost`;
    return [warning('no-dead-letters', text)];
  }
  if (exchange !== '') {
    if (found.exchanges.some((one) => one.name === exchange)) return [];
    // The broker's own are not listed.
    if (String(exchange).startsWith('amq.')) return [];
    const text = `${name} dead-letters to exchange ${exchange}: it does not exist`;
    return [warning('dead-letter-target', text)];
  }
  const target = args['x-dead-letter-routing-key'] ?? policy['dead-letter-routing-key'];
  // Without that key each message keeps its own.
  if (target === undefined || found.queues.some((one) => one.name === target)) return [];
  const text = `${name} dead-letters to queue ${target}: it does not exist`;
  return [warning('dead-letter-target', text)];
}

/** Contracts that no handler of any service takes. */
export function adviseContracts({ contracts, wirings }: Omit<Desired, 'topology'>): Advice[] {
  const unhandled = contracts.filter(({ route }) => !isHandled(route, wirings));
  return unhandled.map(({ name, route: { kind } }) => {
    const say = kind === 'topic' ? note : warning;
    return say('unhandled-contract', `${name}: ${nobody(name, kind)}`);
  });
}

function adviseQueues({ wirings, topology }: Desired): Advice[] {
  const queues = new Map(topology.queues.map((queue) => [queue.name, queue]));
  const withoutDeadLetters = wirings.filter(({ kind, queue, keepNewest }) => {
    if (keepNewest) return false;
    const target = queues.get(queue)?.args['x-dead-letter-routing-key'];
    return kind !== 'rpc' && (typeof target !== 'string' || !queues.has(target));
  });
  return [
    ...wirings.flatMap(({ queue, keepNewest }) => {
      if (!keepNewest) return [];
      const { messages, bytes } = keepNewest;
      const text = `${queue} keeps its newest ${messages} messages and ${bytes} bytes`;
      return [note('keeps-newest', `${text}: older ones are dropped`)];
    }),
    ...withoutDeadLetters.map(({ name, queue }) =>
      warning('no-dead-letters', `${name}: ${queue} has no dead-letter queue`),
    ),
  ];
}

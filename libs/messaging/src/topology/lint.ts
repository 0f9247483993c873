import type { Contract } from '@tradepost/contracts';
import type { Wiring } from '../handler';
import type { BrokerApi, FeatureFlag } from './broker-api';
import type { Found, FoundQueue } from './differences';
import type { Topology } from './topology';

export interface Advice {
  /** `warning` is something to do; `note` something to know. */
  level: 'warning' | 'note';
  /** Stable: `disabled-feature-flag`. */
  code: string;
  text: string;
}

export interface LintOptions {
  api: BrokerApi;
  wanted: Topology;
  wirings: readonly Wiring[];
  contracts: readonly Contract[];
}

/** What to know and what to do about this broker before it becomes an incident. */
export async function lintTopology(options: LintOptions): Promise<Advice[]> {
  const { api, wanted } = options;
  const [version, flags, found, globalPrefetches] = await Promise.all([
    api.version(),
    api.featureFlags(),
    api.found(),
    api.globalPrefetches(),
  ]);
  return [
    ...adviseVersion(version, found, globalPrefetches),
    ...flags.flatMap(adviseFlag),
    ...found.queues.flatMap((queue) => adviseDeadLetters(queue, wanted, found)),
    ...adviseContracts(options),
  ];
}

function adviseVersion(version: string, { queues }: Found, globalPrefetches: number): Advice[] {
  const since = (wanted: string) => isSince(version, wanted);
  const advice: Advice[] = [];
  const note = (code: string, text: string) => advice.push({ level: 'note', code, text });
  const warn = (code: string, text: string) => advice.push({ level: 'warning', code, text });
  if (!since('3.10')) {
    warn('version', `RabbitMQ ${version}: at-least-once dead-lettering needs 3.10 or later`);
  } else if (since('4.4')) {
    note('version', `RabbitMQ ${version}: later than any this was tested on (3.10 to 4.3)`);
  } else {
    note('version', `RabbitMQ ${version}`);
  }
  if (since('4.3')) {
    note(
      'nack-not-counted',
      'nack with requeue does not count towards x-delivery-limit here: a client that fails so is ' +
        'given the same message for ever. This runtime gives back by reject, which counts',
    );
  }
  for (const { name, durable, exclusive } of queues) {
    if (durable || exclusive) continue;
    const text = `queue ${name} is neither durable nor exclusive; RabbitMQ 4.3 refuses such`;
    warn('transient-queue', text);
  }
  if (globalPrefetches > 0) {
    const text = `${globalPrefetches} channels set a global prefetch; RabbitMQ 4.3 refuses that`;
    warn('global-qos', text);
  }
  return advice;
}

/** Compares `major.minor`. */
function isSince(version: string, wanted: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = wanted.split('.').map(Number);
  return major === wantedMajor ? minor >= wantedMinor : major > wantedMajor;
}

function adviseFlag({ name, state, stability }: FeatureFlag): Advice[] {
  if (state === 'enabled' || stability === 'experimental') return [];
  const text =
    `feature flag ${name} is ${state}: an upgrade may refuse to start without it ` +
    `(rabbitmqctl enable_feature_flag ${name}, once every node runs this version)`;
  return [{ level: 'warning', code: 'disabled-feature-flag', text }];
}

function adviseDeadLetters(queue: FoundQueue, wanted: Topology, found: Found): Advice[] {
  const { name, args, policy } = queue;
  const warn = (code: string, text: string): Advice[] => [{ level: 'warning', code, text }];
  const exchange = args['x-dead-letter-exchange'] ?? policy['dead-letter-exchange'];
  const want = wanted.queues.find((one) => one.name === name)?.args;
  if (exchange === undefined) {
    if (want?.['x-dead-letter-exchange'] === undefined) return [];
    return warn('no-dead-letters', `${name} has no dead-letter exchange: what it gives up is lost`);
  }
  if (exchange !== '') {
    if (found.exchanges.some((one) => one.name === exchange)) return [];
    // The broker's own are not listed.
    if (String(exchange).startsWith('amq.')) return [];
    return warn('dead-letter-target', `${name} dead-letters to exchange ${exchange}: none such`);
  }
  const target = args['x-dead-letter-routing-key'] ?? policy['dead-letter-routing-key'];
  // Without a key of its own each message goes home by the key it came with.
  if (target === undefined || found.queues.some((one) => one.name === target)) return [];
  return warn('dead-letter-target', `${name} dead-letters to queue ${target}: there is none`);
}

function adviseContracts({ contracts, wirings, wanted }: LintOptions): Advice[] {
  const handled = new Set(wirings.map(({ contract }) => contract));
  const unheard = contracts.filter((contract) => !handled.has(contract));
  const queues = new Map(wanted.queues.map((queue) => [queue.name, queue]));
  const undead = wirings.filter(({ kind, queue }) => {
    const target = queues.get(queue)?.args['x-dead-letter-routing-key'];
    return kind !== 'rpc' && (typeof target !== 'string' || !queues.has(target));
  });
  return [
    ...unheard.map(({ name, route }): Advice => {
      const waits = route.kind === 'work' || route.kind === 'fanout';
      const text = `nobody handles ${name}${waits ? ': what is sent waits in the outbox' : ''}`;
      return { level: waits ? 'warning' : 'note', code: 'unhandled-contract', text };
    }),
    ...undead.map(({ name, queue }): Advice => {
      const text = `${name}: ${queue} has nowhere to bury a message`;
      return { level: 'warning', code: 'no-dead-letters', text };
    }),
  ];
}

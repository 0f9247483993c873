import type { Rights, Topology } from '@tradepost/messaging';
import type { Kinds } from './kinds';
import { broker } from './names';

const apiVersion = 'rabbitmq.com/v1beta1';
const vhost = '/';
const rabbitmqClusterReference = { name: broker };

/** Begins the names of users, as of those that `topology apply --users` makes. */
export const userPrefix = 'tradepost-';

/** KEDA: it sees how deep queues are, and may nothing else. */
export const scaler = 'scaler';

export function exchangesOf({ exchanges }: Topology): Kinds['Exchange'][] {
  return exchanges.map(({ name, type, alternate, args = {}, durable = true }) => {
    const all = {
      ...args,
      ...(alternate === undefined ? {} : { 'alternate-exchange': alternate }),
    };
    const spec = { name, vhost, type, durable, ...given(all), rabbitmqClusterReference };
    return { apiVersion, kind: 'Exchange', metadata: { name: nameOf(name) }, spec };
  });
}

export function queuesOf({ queues }: Topology): Kinds['Queue'][] {
  return queues.map(({ name, args: { 'x-queue-type': type, ...args }, durable = true }) => ({
    apiVersion,
    kind: 'Queue',
    metadata: { name: nameOf(name) },
    spec: {
      name,
      vhost,
      type: type as 'quorum' | 'stream',
      durable,
      // What is in it stays, whatever becomes of this manifest.
      deletionPolicy: 'retain',
      ...given(args),
      rabbitmqClusterReference,
    },
  }));
}

export function bindingsOf({ bindings, exchangeBindings = [] }: Topology): Kinds['Binding'][] {
  const ofQueues = bindings.map(({ exchange: source, queue, key, args }) => {
    return { source, destination: queue, destinationType: 'queue' as const, key, args };
  });
  const ofExchanges = exchangeBindings.map(({ from: source, to, key, args }) => {
    return { source, destination: to, destinationType: 'exchange' as const, key, args };
  });
  return [...ofQueues, ...ofExchanges].map(({ key, args, ...ends }) => ({
    apiVersion,
    kind: 'Binding',
    metadata: { name: nameOf(ends.source, 'to', ends.destination, key) },
    spec: { ...ends, vhost, routingKey: key, ...given(args), rabbitmqClusterReference },
  }));
}

type OfUsers = Kinds['User'] | Kinds['Permission'] | Kinds['TopicPermission'];

/** A user for each party, with the Secret `broker-<party>`, and exactly its rights. */
export function usersOf(rights: Record<string, Rights>): OfUsers[] {
  const nothing: Rights = { configure: '^$', write: '^$', read: '^$', topics: [] };
  const all: Record<string, Rights> = { ...rights, [scaler]: { ...nothing, tags: 'monitoring' } };
  return Object.entries(all).flatMap(([party, { topics, tags, ...permissions }]): OfUsers[] => {
    const name = userPrefix + party;
    const of = { vhost, userReference: { name } };
    const { configure, write, read } = permissions;
    return [
      {
        apiVersion,
        kind: 'User',
        metadata: { name },
        spec: {
          importCredentialsSecret: { name: `${broker}-${party}` },
          ...(tags === undefined ? {} : { tags: [tags] }),
          rabbitmqClusterReference,
        },
      },
      // Before the plain ones, with which it would come to every key.
      ...topics.map((topic): Kinds['TopicPermission'] => ({
        apiVersion,
        kind: 'TopicPermission',
        metadata: { name: nameOf(name, topic.exchange) },
        spec: { ...of, permissions: { ...topic }, rabbitmqClusterReference },
      })),
      {
        apiVersion,
        kind: 'Permission',
        metadata: { name },
        spec: { ...of, permissions: { configure, write, read }, rabbitmqClusterReference },
      },
    ];
  });
}

function given<T extends object>(args: T = {} as T): { arguments?: T } {
  return Object.keys(args).length === 0 ? {} : { arguments: args };
}

/** Of letters, digits, dots and dashes, as Kubernetes has it: `*` is `any`, `#` is `all`. */
function nameOf(...parts: string[]): string {
  const words = parts.join('-').toLowerCase().replaceAll('*', 'any').replaceAll('#', 'all');
  return words.replaceAll(/[^a-z0-9.-]/g, '-').replaceAll(/^[^a-z0-9]+|[^a-z0-9]+$/g, '');
}

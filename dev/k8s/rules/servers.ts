import { services } from '../../../apps/services';
import type { System } from './system';

const connectionsOfOthers = 20;
const setting = 'cluster_partition_handling = pause_minority';
const sizes = ['x-quorum-initial-group-size', 'x-initial-cluster-size'];

/** Broker and database, and how services are scaled to them. */
export function serverProblems(system: System): string[] {
  return [...brokerProblems(system), ...scalingProblems(system), ...connectionProblems(system)];
}

function brokerProblems(system: System): string[] {
  const { replicas, config } = brokerOf(system);
  return [
    ...(replicas >= 3 && replicas % 2 === 1
      ? []
      : [`the broker has ${replicas} nodes: no majority`]),
    ...(config.includes(setting) ? [] : [`the broker lacks: ${setting}`]),
    ...replicasOfQueues(system)
      .filter(([, told]) => told !== replicas)
      .map(([who, told]) => `${who} has queues on ${told} nodes of ${replicas}`),
    ...(config.includes('{dead_letter_worker_publisher_confirm_timeout, 10000}')
      ? []
      : ['the broker moves a message out of a retry tier after three minutes only']),
    ...system
      .all('Queue')
      .filter(({ spec }) => !spec.durable)
      .map(({ spec }) => `Queue ${spec.name} does not outlive its node`),
  ];
}

/** Of who makes queues, or looks at its start how they are made. */
function replicasOfQueues(system: System): [who: string, replicas: number][] {
  const told = system.workloads.flatMap(({ id, pod }) =>
    pod.containers.flatMap((one): [string, number][] => {
      const { AMQP_MODE: mode, AMQP_QUEUE_REPLICAS: replicas } = system.variablesOf(one);
      return mode === undefined ? [] : [[id, Number(replicas)]];
    }),
  );
  const made = system.all('Queue').map(({ spec }): [string, number] => {
    const args = spec.arguments ?? {};
    return [`Queue ${spec.name}`, Number(sizes.map((size) => args[size]).find(Boolean))];
  });
  return [...told, ...made];
}

function brokerOf(system: System): { replicas: number; config: string } {
  const [cluster] = system.all('RabbitmqCluster');
  if (cluster !== undefined) {
    const { replicas, rabbitmq } = cluster.spec;
    return { replicas, config: rabbitmq.additionalConfig + rabbitmq.advancedConfig };
  }
  const replicas = system.named('StatefulSet', 'broker-server')?.spec?.replicas ?? 0;
  const maps = system
    .all('ConfigMap')
    .filter(({ metadata }) => metadata?.name?.startsWith('broker-'));
  return { replicas, config: maps.flatMap(({ data = {} }) => Object.values(data)).join('\n') };
}

/** Either all services are scaled by KEDA, or none is. */
function scalingProblems(system: System): string[] {
  const scaled = system.all('ScaledObject');
  if (scaled.length === 0) return [];
  const queues = system.all('Queue').map(({ spec }) => spec.name);
  return services.flatMap((name) => {
    const found = scaled.find(({ spec }) => spec.scaleTargetRef.name === name)?.spec;
    if (found === undefined) return [`${name} has no ScaledObject`];
    const told = found.triggers.find(({ type }) => type === 'rabbitmq')?.metadata ?? {};
    const pattern = new RegExp(told.queueName ?? '^$');
    const own = new Set(queues.filter((queue) => pattern.test(queue)));
    const replicas = system.named('Deployment', name)?.spec?.replicas;
    return [
      ...(own.size > 0 ? [] : [`ScaledObject ${name} looks at no queue that there is`]),
      ...(told.protocol === 'http' ? [] : [`ScaledObject ${name} does not count what is held`]),
      ...(replicas === undefined ? [] : [`Deployment ${name} sets replicas that KEDA decides`]),
    ];
  });
}

/** All replicas at most, each with its pool. */
function connectionProblems(system: System): string[] {
  const scaled = new Map(
    system.all('ScaledObject').map(({ spec }) => [spec.scaleTargetRef.name, spec.maxReplicaCount]),
  );
  const wanted = system.all('Deployment').map(({ metadata, spec }) => {
    const [container] = spec?.template.spec?.containers ?? [];
    const told = container ? system.variablesOf(container) : {};
    // One more while a new version comes.
    const replicas = (scaled.get(metadata?.name ?? '') ?? spec?.replicas ?? 1) + 1;
    return 'POSTGRES_URL_FILE' in told ? replicas * Number(told.POSTGRES_POOL_MAX) : 0;
  });
  const needed = wanted.reduce((sum, one) => sum + one, connectionsOfOthers);
  const max = maxConnections(system);
  return needed <= max ? [] : [`the database has ${max} connections, services take ${needed}`];
}

function maxConnections(system: System): number {
  const [cluster] = system.all('Cluster');
  if (cluster !== undefined) {
    return Number(cluster.spec.postgresql.parameters.max_connections ?? 100);
  }
  const pod = system.named('StatefulSet', 'postgres')?.spec?.template.spec;
  const args = pod?.containers.flatMap((one) => one.args ?? []).join(' ') ?? '';
  return Number(/max_connections=(\d+)/.exec(args)?.[1] ?? 100);
}

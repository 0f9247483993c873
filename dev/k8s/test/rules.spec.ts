import type { Manifest } from '../kinds';
import { Judge } from '../problems';
import { Overlay } from './overlay';
import { by, overlay, overlays } from './overlays';

const judge = new Judge();
const whole: Record<string, Manifest[]> = {
  local: overlay('local'),
  operators: overlay('operators'),
};

type Change = (overlay: Overlay) => unknown;

const inLocal: [string, Change, RegExp][] = [
  // Fields and kinds
  [
    'a misspelt field',
    (o) => Object.assign(o.pod(), { restartPolcy: 'Always' }),
    /properties restartPolcy/,
  ],
  [
    'a text for a number',
    (o) => Object.assign(o.pod(), { terminationGracePeriodSeconds: '30' }),
    /must be number/,
  ],
  [
    'another kind',
    (o) => o.manifests.push({ kind: 'Ingress', metadata: { name: 'a' } } as never),
    /Ingress a: no kind/,
  ],
  [
    'a misspelt field of a Service',
    (o) => Object.assign(o.get('Service', 'orders').spec ?? {}, { portz: [] }),
    /portz/,
  ],

  // Pods
  ['root', (o) => delete o.pod().securityContext?.runAsNonRoot, /orders is not told to be no root/],
  [
    'user 0',
    (o) => Object.assign(o.pod().securityContext ?? {}, { runAsUser: 0 }),
    /orders names no user/,
  ],
  [
    'no seccomp',
    (o) => delete o.pod().securityContext?.seccompProfile,
    /orders has no seccomp profile/,
  ],
  [
    'a token of the cluster',
    (o) => delete o.pod().automountServiceAccountToken,
    /has a token of the cluster/,
  ],
  ['service links', (o) => delete o.pod().enableServiceLinks, /a variable for each Service/],
  [
    'a root that may be written',
    (o) => delete o.confinement().readOnlyRootFilesystem,
    /may write, or become/,
  ],
  [
    'privileges to gain',
    (o) => Object.assign(o.confinement(), { allowPrivilegeEscalation: true }),
    /or become more/,
  ],
  [
    'a privileged container',
    (o) => Object.assign(o.confinement(), { privileged: true }),
    /or become more/,
  ],
  [
    'a capability',
    (o) => Object.assign(o.confinement(), { capabilities: { drop: ['ALL'], add: ['NET_RAW'] } }),
    /become more/,
  ],
  [
    'some capabilities',
    (o) => Object.assign(o.confinement(), { capabilities: { drop: ['NET_RAW'] } }),
    /become more/,
  ],
  [
    "the node's network",
    (o) => Object.assign(o.pod(), { hostNetwork: true }),
    /shares something of its node/,
  ],
  [
    "the node's files",
    (o) => o.pod().volumes?.push({ name: 'a', hostPath: { path: '/' } }),
    /a folder of its node/,
  ],
  ['no limits', (o) => delete o.container().resources?.limits, /no requests or no limits/],
  ['no requests', (o) => delete o.container().resources?.requests, /no requests or no limits/],
  [
    'no memory limit',
    (o) => delete o.container().resources?.limits?.memory,
    /no requests or no limits/,
  ],
  [
    'a heap over the limit',
    (o) => Object.assign(o.container().resources?.limits ?? {}, { memory: '400Mi' }),
    /a heap that/,
  ],
  ['no liveness', (o) => delete o.container().livenessProbe, /a probe is missing/],
  ['no readiness', (o) => delete o.container().readinessProbe, /a probe is missing/],
  ['no startup probe', (o) => delete o.container().startupProbe, /a probe is missing/],
  [
    'no budget',
    (o) => o.drop('PodDisruptionBudget', 'postgres'),
    /StatefulSet postgres has no PodDisruptionBudget/,
  ],
  [
    'an open database',
    (o) => o.drop('NetworkPolicy', 'database'),
    /StatefulSet postgres may be asked by everyone/,
  ],

  // Apps
  ['an app that is not there', (o) => o.drop('Deployment', 'users'), /users has no Deployment/],
  ['no Service', (o) => o.drop('Service', 'users'), /users has no Service/],
  ['no account', (o) => o.drop('ServiceAccount', 'users'), /users has no ServiceAccount/],
  [
    'no budget of an app',
    (o) => o.drop('PodDisruptionBudget', 'users'),
    /users has no PodDisruptionBudget/,
  ],
  ['no policy of an app', (o) => o.drop('NetworkPolicy', 'users'), /users has no NetworkPolicy/],
  [
    'a policy for one way',
    (o) => o.get('NetworkPolicy', 'users').spec?.policyTypes?.pop(),
    /does not bound both ways/,
  ],
  [
    'a short grace',
    (o) => Object.assign(o.pod(), { terminationGracePeriodSeconds: 18 }),
    /killed while it drains/,
  ],
  ['no grace', (o) => delete o.pod().terminationGracePeriodSeconds, /killed while it drains/],
  ['an unsaid drain', (o) => delete o.shop.SHUTDOWN_TIMEOUT_MS, /killed while it drains/],
  ['no spread', (o) => delete o.pod().topologySpreadConstraints, /may be on one node alone/],
  [
    'a variable out of range',
    (o) => (o.shop.POSTGRES_POOL_MAX = '1000'),
    /orders: POSTGRES_POOL_MAX="1000"/,
  ],
  ['nobody said who is let in', (o) => delete o.shop.AUTH, /orders: AUTH is not set/],
  [
    'a key that no Secret has',
    (o) => o.container().env?.push({ name: 'X_FILE', value: '/run/secrets/tradepost/X' }),
    /has no X/,
  ],
  ['an unmounted Secret', (o) => delete o.container().volumeMounts, /the Secret orders is not in/],
  [
    'another command',
    (o) => (o.container().command = ['node', 'dist/apps/users/src/main.js']),
    /runs something else/,
  ],
  [
    'another port',
    (o) => Object.assign(o.container().ports?.[0] ?? {}, { containerPort: 1 }),
    /its port is not PORT/,
  ],
  [
    'a console that knows nobody',
    (o) => (o.container('console').env = []),
    /Deployment console: SERVICES/,
  ],

  // References
  [
    'a Secret in a manifest',
    (o) => o.manifests.push({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' } }),
    /Secret a is in/,
  ],
  [
    'a password in a variable',
    (o) => o.container().env?.push({ name: 'OPS_TOKEN', value: 'a' }),
    /OPS_TOKEN in clear text/,
  ],
  [
    'a password in a URL',
    (o) => o.container().env?.push({ name: 'A', value: 'http://a:b@c' }),
    /has A in clear text/,
  ],
  ['a password of all', (o) => (o.shop.CALLBACK_SECRET = 'a'), /CALLBACK_SECRET in clear text/],
  [
    'a Secret that nothing makes',
    (o) => Object.assign(o.pod().volumes?.[0]?.secret ?? {}, { secretName: 'a' }),
    /nothing makes a/,
  ],
  [
    'a ConfigMap that is not there',
    (o) => o.container().envFrom?.push({ configMapRef: { name: 'a' } }),
    /no ConfigMap a/,
  ],
  [
    'a ConfigMap of nobody',
    (o) => o.manifests.push({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } }),
    /ConfigMap a is taken by nobody/,
  ],
  [
    'an account that is not there',
    (o) => (o.pod().serviceAccountName = 'a'),
    /there is no ServiceAccount a/,
  ],

  // Servers
  [
    'two nodes',
    (o) => Object.assign(o.get('StatefulSet', 'broker-server').spec ?? {}, { replicas: 2 }),
    /2 nodes: no majority/,
  ],
  [
    'queues on fewer nodes',
    (o) => (o.shop.AMQP_QUEUE_REPLICAS = '1'),
    /Deployment orders has queues on 1 nodes of 3/,
  ],
  [
    'a topology Job that makes other queues',
    (o) => o.pod('topology').containers[0]?.env?.pop(),
    /Job topology has queues on NaN nodes of 3/,
  ],
  [
    'too few connections',
    (o) => Object.assign(o.get('Deployment', 'orders').spec ?? {}, { replicas: 20 }),
    /services take/,
  ],
];

const inOperators: [string, Change, RegExp][] = [
  [
    'nodes that split',
    (o) => (o.get('RabbitmqCluster', 'broker').spec.rabbitmq.additionalConfig = ''),
    /lacks: cluster_part/,
  ],
  [
    'slow retries',
    (o) => (o.get('RabbitmqCluster', 'broker').spec.rabbitmq.advancedConfig = ''),
    /after three minutes/,
  ],
  [
    'one node',
    (o) => (o.get('RabbitmqCluster', 'broker').spec.replicas = 1),
    /1 nodes: no majority/,
  ],
  [
    'a field that the operator lacks',
    (o) => Object.assign(o.get('Queue', 'logs').spec, { ttl: 1 }),
    /properties ttl/,
  ],
  [
    'a queue on one node',
    (o) => (o.get('Queue', 'logs').spec.arguments = {}),
    /Queue logs has queues on NaN nodes/,
  ],
  [
    'a queue that may be lost',
    (o) => (o.get('Queue', 'logs').spec.durable = false),
    /logs does not outlive its node/,
  ],
  [
    'a user without a Secret',
    (o) => (o.get('User', 'tradepost-orders').spec.importCredentialsSecret.name = 'a'),
    /the Secret a/,
  ],
  [
    'a role without a Secret',
    (o) =>
      Object.assign(o.get('Cluster', 'postgres').spec.managed.roles[0]?.passwordSecret ?? {}, {
        name: 'a',
      }),
    /the Secret a/,
  ],
  ['no scaling of one', (o) => o.drop('ScaledObject', 'users'), /users has no ScaledObject/],
  [
    'scaling by what is ready',
    (o) => (o.trigger('users').metadata.protocol = 'amqp'),
    /what is held/,
  ],
  ['scaling by no queue', (o) => (o.trigger('users').metadata.queueName = '^a$'), /at no queue/],
  [
    'replicas in two hands',
    (o) => Object.assign(o.get('Deployment', 'users').spec ?? {}, { replicas: 1 }),
    /sets replicas/,
  ],
  [
    'more replicas than connections',
    (o) => (o.get('ScaledObject', 'users').spec.maxReplicaCount = 20),
    /services take/,
  ],
];

it.each(overlays)(`nothing is wrong with overlays/%s, ${by}`, async (name) => {
  expect(await judge.problemsOf(overlay(name))).toEqual([]);
});

describe(`what is wrong with manifests, ${by},`, () => {
  const isSeen = async (name: string, change: Change, expected: RegExp) => {
    const broken = new Overlay(structuredClone(whole[name] ?? []));
    change(broken);
    const problems = await judge.problemsOf(broken.manifests);
    expect(problems.join('\n')).toMatch(expected);
  };

  it.each(inLocal)('is seen: %s', (_name, change, expected) => isSeen('local', change, expected));

  it.each(inOperators)('is seen with operators: %s', (_name, change, expected) =>
    isSeen('operators', change, expected),
  );

  it("is not what another's overlay has more, but what it misspells is", async () => {
    const more = new Overlay(structuredClone(whole.operators ?? []));
    Object.assign(more.get('Cluster', 'postgres').spec, { backup: {} });
    more.manifests.push({ apiVersion: 'postgresql.cnpg.io/v1', kind: 'ScheduledBackup' } as never);
    expect(await judge.problemsOf(more.manifests, false)).toEqual([]);
    expect(await judge.problemsOf(more.manifests)).toHaveLength(2);

    Object.assign(more.pod(), { restartPolcy: 'Always' });
    expect(await judge.problemsOf(more.manifests, false)).toEqual([
      'Deployment orders/spec/template/spec must NOT have additional properties restartPolcy',
    ]);
  });
});

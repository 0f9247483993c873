import { apps, gateway, window, type AppName } from '../../apps/services';
import type { Kinds } from './kinds';
import { labelsOf, podsOf, secretsFolder, deployed, stored, watched } from './names';

type Deployment = Kinds['Deployment'];
type PodSpec = NonNullable<NonNullable<Deployment['spec']>['template']['spec']>;
type Container = PodSpec['containers'][number];
type Variable = NonNullable<Container['env']>[number];

/** What an app needs of the cluster, but for who may talk to whom. */
export function workloadOf(app: AppName) {
  return [
    serviceAccountOf(app),
    deploymentOf(app),
    ...servicesOf(app),
    disruptionBudgetOf(app),
  ] as const;
}

function serviceAccountOf(app: AppName): Kinds['ServiceAccount'] {
  return {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: app, labels: labelsOf(app) },
    automountServiceAccountToken: false,
  };
}

function deploymentOf(app: AppName): Deployment {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: app, labels: labelsOf(app) },
    spec: {
      replicas: watched.includes(app) ? 2 : 1,
      revisionHistoryLimit: 3,
      selector: podsOf(app),
      strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template: { metadata: { labels: labelsOf(app) }, spec: podOf(app) },
    },
  };
}

function podOf(app: AppName): PodSpec {
  return {
    serviceAccountName: app,
    automountServiceAccountToken: false,
    // A variable for each Service would be one that nobody has checked.
    enableServiceLinks: false,
    // More than SHUTDOWN_DELAY_MS and SHUTDOWN_TIMEOUT_MS together.
    terminationGracePeriodSeconds: 30,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 1000,
      runAsGroup: 1000,
      fsGroup: 1000,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    topologySpreadConstraints: ['topology.kubernetes.io/zone', 'kubernetes.io/hostname'].map(
      (topologyKey) => ({
        topologyKey,
        maxSkew: 1,
        whenUnsatisfiable: 'ScheduleAnyway',
        labelSelector: podsOf(app),
        matchLabelKeys: ['pod-template-hash'],
      }),
    ),
    containers: [containerOf(app)],
    volumes: [{ name: 'secrets', secret: { secretName: app, defaultMode: 0o440 } }],
  };
}

function containerOf(app: AppName): Container {
  return {
    name: app,
    image: 'tradepost',
    imagePullPolicy: 'IfNotPresent',
    command: ['node', '--enable-source-maps', `dist/apps/${app}/src/main.js`],
    ports: [{ name: 'http', containerPort: apps[app].port }],
    env: variablesOf(app),
    envFrom: [
      { configMapRef: { name: 'shop' } },
      // What an overlay says of this one alone.
      { configMapRef: { name: app, optional: true } },
    ],
    startupProbe: probe('live', { periodSeconds: 2, failureThreshold: 30 }),
    livenessProbe: probe('live', { periodSeconds: 10, timeoutSeconds: 5 }),
    // It answers within some 3 s, whatever broker and database do.
    readinessProbe: probe('ready', { periodSeconds: 5, timeoutSeconds: 4 }),
    resources: {
      requests: { cpu: '200m', memory: '256Mi' },
      limits: { cpu: '2', memory: '512Mi' },
    },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    volumeMounts: [{ name: 'secrets', mountPath: secretsFolder, readOnly: true }],
  };
}

function probe(of: 'live' | 'ready', times: object): Container['livenessProbe'] {
  return { httpGet: { path: `/health/${of}`, port: 'http' }, ...times };
}

function variablesOf(app: AppName): Variable[] {
  const variables: Record<string, string> = {
    PORT: String(apps[app].port),
    // Below the memory limit: there is more than the heap.
    NODE_OPTIONS: '--max-old-space-size=384',
  };
  const files: string[] = [];
  if (deployed.includes(app)) files.push('AMQP_URL');
  if (stored.includes(app)) files.push('POSTGRES_URL');
  if (app === window) {
    files.push('AMQP_MANAGEMENT_URL');
    variables.SERVICES = watched.map((name) => `${name}=${urlOfReplicas(name)}`).join(',');
  }
  for (const name of files) variables[`${name}_FILE`] = `${secretsFolder}/${name}`;
  return Object.entries(variables).map(([name, value]) => ({ name, value }));
}

/** A name of its own, which stands for all replicas, ready or not: the console asks each. */
function replicasOf(app: AppName): string {
  return `${app}-replicas`;
}

function urlOfReplicas(app: AppName): string {
  return `http://${replicasOf(app)}:${apps[app].port}`;
}

function servicesOf(app: AppName): Kinds['Service'][] {
  const one = serviceOf(app, app);
  if (app === window || app === gateway) return [one];
  return [
    one,
    serviceOf(app, replicasOf(app), { clusterIP: 'None', publishNotReadyAddresses: true }),
  ];
}

function serviceOf(app: AppName, name: string, more = {}): Kinds['Service'] {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, labels: labelsOf(app) },
    spec: {
      selector: podsOf(app).matchLabels,
      ports: [{ name: 'http', port: apps[app].port, targetPort: 'http' }],
      ...more,
    },
  };
}

function disruptionBudgetOf(app: AppName): Kinds['PodDisruptionBudget'] {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: app, labels: labelsOf(app) },
    spec: {
      maxUnavailable: 1,
      selector: podsOf(app),
      // One that is not ready serves nobody: a node is not kept for it.
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
    },
  };
}

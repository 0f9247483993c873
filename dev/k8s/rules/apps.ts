import { BadConfig, readConfig, serviceOptionsOf } from '@tradepost/service';
import { apps, gateway, type AppName } from '../../../apps/services';
import { deployed, secretsFolder } from '../names';
import { selects, type Container, type System, type Workload } from './system';

/** What only the issuer of tokens knows. */
const ofIssuer: Record<string, string> = { AUTH_CLIENT_SECRET: 'given by the issuer' };

export type SecretValues = Record<string, Record<string, string>>;

/** Every app of apps/services.ts is there, and starts with what it is told. */
export async function appProblems(system: System, secrets: SecretValues): Promise<string[]> {
  const isThere = (app: string) => system.named('Deployment', app) !== undefined;
  const present: AppName[] = isThere(gateway) ? [...deployed, gateway] : [...deployed];
  const each = present.map(async (app) => {
    const workload = system.workloads.find(({ id }) => id === `Deployment ${app}`);
    if (workload === undefined) return [`${app} has no Deployment`];
    return [
      ...missingOf(system, app),
      ...drainProblems(system, workload),
      ...spreadProblems(workload),
      ...(await configProblems(system, app, workload, secrets[app] ?? {})),
    ];
  });
  return (await Promise.all(each)).flat();
}

function missingOf(system: System, app: AppName): string[] {
  const labels = { 'app.kubernetes.io/name': app };
  const kinds = ['Service', 'ServiceAccount', 'PodDisruptionBudget', 'NetworkPolicy'] as const;
  const missing = kinds.filter((kind) => system.named(kind, app) === undefined);
  const policy = system.named('NetworkPolicy', app)?.spec;
  const isOwn = policy !== undefined && selects(policy.podSelector ?? {}, labels);
  const isWhole = policy?.policyTypes?.join() === 'Ingress,Egress';
  return [
    ...missing.map((kind) => `${app} has no ${kind}`),
    ...(isOwn && isWhole ? [] : [`${app}: its NetworkPolicy does not bound both ways`]),
  ];
}

function drainProblems(system: System, { id, pod }: Workload): string[] {
  const [container] = pod.containers;
  const told = container ? system.variablesOf(container) : {};
  const { SHUTDOWN_DELAY_MS: delay, SHUTDOWN_TIMEOUT_MS: timeout } = told;
  const boundMs = Number(delay) + Number(timeout);
  const graceMs = (pod.terminationGracePeriodSeconds ?? 0) * 1_000;
  // Also when it is not said.
  return graceMs > boundMs
    ? []
    : [`${id} is killed while it drains: ${graceMs} ms ≤ ${boundMs} ms`];
}

function spreadProblems({ id, pod, labels }: Workload): string[] {
  const keys = (pod.topologySpreadConstraints ?? [])
    .filter(({ labelSelector }) => selects(labelSelector ?? {}, labels))
    .map(({ topologyKey }) => topologyKey);
  return keys.includes('kubernetes.io/hostname') ? [] : [`${id} may be on one node alone`];
}

async function configProblems(
  system: System,
  app: AppName,
  { id, pod }: Workload,
  secrets: Record<string, string>,
): Promise<string[]> {
  const problems: string[] = [];
  const container: Container = pod.containers[0] ?? { name: app };
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(system.variablesOf(container))) {
    if (!value.startsWith(`${secretsFolder}/`)) {
      environment[name] = value;
      continue;
    }
    const key = value.slice(secretsFolder.length + 1);
    const secret = secrets[key] ?? ofIssuer[key];
    if (secret === undefined) problems.push(`${id}: the Secret ${app} has no ${key}`);
    else environment[name.replace(/_FILE$/, '')] = secret;
  }
  const mounted = pod.volumes?.find(({ secret }) => secret?.secretName === app)?.name;
  const { volumeMounts = [], command = [], ports = [] } = container;
  if (!volumeMounts.some((one) => one.name === mounted && one.mountPath === secretsFolder)) {
    problems.push(`${id}: the Secret ${app} is not in ${secretsFolder}`);
  }
  if (command.at(-1) !== `dist/apps/${app}/src/main.js`) problems.push(`${id} runs something else`);
  if (ports[0]?.containerPort !== Number(environment.PORT)) {
    problems.push(`${id}: its port is not PORT`);
  }
  return [...problems, ...(await refusal(app, environment)).map((text) => `${id}: ${text}`)];
}

/** What the app itself would say at its start. */
async function refusal(app: AppName, environment: Record<string, string>): Promise<string[]> {
  const { config } = serviceOptionsOf(await apps[app].module());
  try {
    readConfig(app, config, environment);
    return [];
  } catch (error) {
    if (error instanceof BadConfig) return error.variables;
    throw error;
  }
}

import { selects, type Container, type System, type Workload } from './system';

const mib = 2 ** 20;
const units: Record<string, number> = { Mi: mib, Gi: 2 ** 30 };

/** What every Pod has, whatever runs in it. */
export function podProblems(system: System): string[] {
  return system.workloads.flatMap((workload) => [
    ...securityProblems(workload),
    ...workload.pod.containers.flatMap((container) =>
      containerProblems(system, workload, container).map((text) => `${workload.id}: ${text}`),
    ),
    ...(workload.kind === 'Job' ? [] : standingProblems(system, workload)),
  ]);
}

function securityProblems({ id, pod }: Workload): string[] {
  const { securityContext: all, automountServiceAccountToken, enableServiceLinks } = pod;
  const wrong = {
    'is not told to be no root': all?.runAsNonRoot !== true,
    'names no user': (all?.runAsUser ?? 0) === 0,
    'has no seccomp profile': all?.seccompProfile?.type !== 'RuntimeDefault',
    'has a token of the cluster': automountServiceAccountToken !== false,
    'has a variable for each Service': enableServiceLinks !== false,
    'has a container that may write, or become more than it is': !pod.containers.every(isConfined),
    'shares something of its node': Boolean(pod.hostNetwork ?? pod.hostPID ?? pod.hostIPC),
    'has a folder of its node': (pod.volumes ?? []).some(({ hostPath }) => hostPath !== undefined),
  };
  return namesOf(wrong).map((text) => `${id} ${text}`);
}

function isConfined({ securityContext: own }: Container): boolean {
  return (
    own?.readOnlyRootFilesystem === true &&
    own.allowPrivilegeEscalation === false &&
    own.privileged !== true &&
    own.capabilities?.add === undefined &&
    own.capabilities?.drop?.join() === 'ALL'
  );
}

function containerProblems(system: System, { kind }: Workload, container: Container): string[] {
  const { resources, startupProbe, livenessProbe, readinessProbe } = container;
  const amounts = [resources?.requests, resources?.limits];
  const heap = /--max-old-space-size=(\d+)/.exec(system.variablesOf(container).NODE_OPTIONS ?? '');
  const memory = bytesOf(String(resources?.limits?.memory ?? ''));
  const wrong = {
    'no requests or no limits': amounts.some((one) => !one?.cpu || !one.memory),
    'a heap that does not fit': heap !== null && Number(heap[1]) * mib > 0.8 * memory,
    'a probe is missing':
      kind !== 'Job' && ![startupProbe, livenessProbe, readinessProbe].every(Boolean),
  };
  return namesOf(wrong);
}

/** Of what does not end by itself. */
function standingProblems(system: System, { id, labels }: Workload): string[] {
  const budgets = system.all('PodDisruptionBudget');
  const policies = system.all('NetworkPolicy');
  const isBound = (type: 'Ingress' | 'Egress') =>
    policies.some(
      ({ spec }) => selects(spec?.podSelector ?? {}, labels) && spec?.policyTypes?.includes(type),
    );
  const wrong = {
    'has no PodDisruptionBudget': !budgets.some(({ spec }) =>
      selects(spec?.selector ?? {}, labels),
    ),
    'may be asked by everyone: no NetworkPolicy': !isBound('Ingress'),
  };
  return namesOf(wrong).map((text) => `${id} ${text}`);
}

function bytesOf(quantity: string): number {
  const [, count = '', unit = ''] = /^(\d+)(\w*)$/.exec(quantity) ?? [];
  return Number(count) * (units[unit] ?? 1);
}

function namesOf(wrong: Record<string, boolean>): string[] {
  return Object.keys(wrong).filter((name) => wrong[name]);
}

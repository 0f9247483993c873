import type { SecretValues } from './apps';
import type { System, Workload } from './system';

/** Passwords are in Secrets alone, and those are not here; what is referred to is. */
export function referenceProblems(system: System, secrets: SecretValues): string[] {
  return [
    ...system.all('Secret').map(({ metadata }) => `Secret ${metadata?.name} is in the manifests`),
    ...system.workloads.flatMap((workload) => [
      ...plainSecrets(system, workload),
      ...deadReferences(system, workload, secrets),
    ]),
    ...idleMaps(system).map((name) => `ConfigMap ${name} is taken by nobody`),
    ...namedByOperators(system)
      .filter((name) => !(name in secrets))
      .map((name) => `nothing makes the Secret ${name}`),
  ];
}

function plainSecrets(system: System, { id, pod }: Workload): string[] {
  const variables = pod.containers.flatMap((one) => Object.entries(system.variablesOf(one)));
  const isSecret = ([name, value]: [string, string]) =>
    /(PASSWORD|SECRET|TOKEN|_KEY|_PASS|COOKIE)$/.test(name) || /:\/\/[^/\s]*:[^/\s]*@/.test(value);
  return variables.filter(isSecret).map(([name]) => `${id} has ${name} in clear text`);
}

function deadReferences(system: System, { id, pod }: Workload, secrets: SecretValues): string[] {
  const sources = pod.containers.flatMap(({ envFrom = [] }) => envFrom);
  const single = pod.containers.flatMap(({ env = [] }) =>
    env.map(({ valueFrom }) => valueFrom?.secretKeyRef?.name),
  );
  const volumes = pod.volumes ?? [];
  const wanted = [
    ...single,
    ...sources.map(({ secretRef }) => secretRef?.name),
    ...volumes.map(({ secret }) => secret?.secretName),
  ].filter((name) => name !== undefined);
  const maps = [
    ...sources.flatMap(({ configMapRef: map }) => (map?.optional ? [] : [map?.name])),
    ...volumes.map(({ configMap }) => configMap?.name),
  ].filter((name) => name !== undefined);
  const account = pod.serviceAccountName;
  return [
    ...wanted.filter((name) => !(name in secrets)).map((name) => `${id}: nothing makes ${name}`),
    ...maps
      .filter((name) => system.named('ConfigMap', name) === undefined)
      .map((name) => `${id}: there is no ConfigMap ${name}`),
    ...(account !== undefined && system.named('ServiceAccount', account) === undefined
      ? [`${id}: there is no ServiceAccount ${account}`]
      : []),
  ];
}

function idleMaps(system: System): string[] {
  const taken = system.workloads.flatMap(({ pod: { containers, volumes = [] } }) => [
    ...containers.flatMap(({ envFrom = [] }) => envFrom.map(({ configMapRef }) => configMapRef)),
    ...volumes.map(({ configMap }) => configMap),
  ]);
  const names = taken.map((one) => one?.name);
  const all = system.all('ConfigMap').map(({ metadata }) => metadata?.name ?? '');
  return all.filter((name) => !names.includes(name));
}

function namedByOperators(system: System): string[] {
  return [
    ...system.all('User').map(({ spec }) => spec.importCredentialsSecret.name),
    ...system
      .all('Cluster')
      .flatMap(({ spec }) => spec.managed.roles.map(({ passwordSecret }) => passwordSecret.name)),
    ...system
      .all('TriggerAuthentication')
      .flatMap(({ spec }) => spec.secretTargetRef.map(({ name }) => name)),
  ];
}

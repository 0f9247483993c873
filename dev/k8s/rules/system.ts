import type { Kinds, Manifest } from '../kinds';

type Template = NonNullable<Kinds['Deployment']['spec']>['template'];
export type Pod = NonNullable<Template['spec']>;
export type Container = Pod['containers'][number];

/** What runs Pods. */
export interface Workload {
  kind: 'Deployment' | 'StatefulSet' | 'Job';
  name: string;
  /** `Deployment orders` */
  id: string;
  labels: Record<string, string>;
  pod: Pod;
}

const kinds: readonly string[] = ['Deployment', 'StatefulSet', 'Job'];

/** All that is rendered, by what the rules ask of it. */
export class System {
  readonly workloads: Workload[];

  constructor(readonly manifests: readonly Manifest[]) {
    this.workloads = manifests.filter(({ kind }) => kinds.includes(kind)).map(workloadOf);
  }

  all<Kind extends keyof Kinds>(kind: Kind): Kinds[Kind][] {
    return this.manifests.filter((one) => one.kind === kind) as Kinds[Kind][];
  }

  named<Kind extends keyof Kinds>(kind: Kind, name: string): Kinds[Kind] | undefined {
    return this.all(kind).find(({ metadata }) => metadata?.name === name);
  }

  /** Plain variables of a container, those of its ConfigMaps too. */
  variablesOf({ env = [], envFrom = [] }: Container): Record<string, string> {
    const maps = envFrom.map(({ configMapRef }) =>
      configMapRef?.name === undefined ? {} : this.named('ConfigMap', configMapRef.name)?.data,
    );
    const own = env.map(({ name, value = '' }) => [name, value] as const);
    return Object.assign({}, ...maps, Object.fromEntries(own)) as Record<string, string>;
  }
}

function workloadOf(manifest: Manifest): Workload {
  const { kind, metadata, spec } = manifest as Kinds['Deployment'];
  const name = metadata?.name ?? '';
  const template = spec?.template;
  return {
    kind,
    name,
    id: `${kind} ${name}`,
    labels: template?.metadata?.labels ?? {},
    pod: template?.spec ?? { containers: [] },
  };
}

/** Whether a selector takes Pods with these labels. */
export function selects(
  selector: NonNullable<Kinds['NetworkPolicy']['spec']>['podSelector'],
  labels: Record<string, string>,
): boolean {
  const { matchLabels = {}, matchExpressions = [] } = selector ?? {};
  const isLike = Object.entries(matchLabels).every(([key, value]) => labels[key] === value);
  return (
    isLike &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      const value = labels[key];
      return operator === 'In' && value !== undefined && values.includes(value);
    })
  );
}

import type { Kinds, Manifest } from '../kinds';

/** An overlay that is about to be broken. */
export class Overlay {
  constructor(readonly manifests: Manifest[]) {}

  get<Kind extends keyof Kinds>(kind: Kind, name: string): Kinds[Kind] {
    const one = this.manifests.find((each) => each.kind === kind && each.metadata?.name === name);
    if (one === undefined) throw new Error(`there is no ${kind} ${name}`);
    return one as Kinds[Kind];
  }

  drop(kind: string, name: string): void {
    const index = this.manifests.indexOf(this.get(kind as keyof Kinds, name));
    this.manifests.splice(index, 1);
  }

  pod(name = 'orders') {
    const kind = name === 'topology' ? 'Job' : 'Deployment';
    const pod = this.get(kind, name).spec?.template.spec;
    if (pod === undefined) throw new Error(`${name} has no Pods`);
    return pod;
  }

  container(name = 'orders') {
    const [container] = this.pod(name).containers;
    if (container === undefined) throw new Error(`${name} has no container`);
    return container;
  }

  trigger(name: string) {
    const [first] = this.get('ScaledObject', name).spec.triggers;
    if (first === undefined) throw new Error(`${name} is scaled by nothing`);
    return first;
  }

  /** Of every app. */
  get shop(): Record<string, string> {
    return this.get('ConfigMap', 'shop').data ?? {};
  }

  confinement(name = 'orders') {
    return (this.container(name).securityContext ??= {});
  }
}

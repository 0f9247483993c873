import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import type { Kinds, Manifest } from '../kinds';

type Json = Record<string, unknown>;

interface Kustomization {
  namespace?: string;
  resources?: string[];
  components?: string[];
  configMapGenerator?: Generator[];
  patches?: { path?: string; patch?: string; target?: { kind: string; name?: string } }[];
  images?: { name: string; newName: string; newTag: string }[];
}

interface Generator {
  name: string;
  behavior?: 'merge' | 'replace';
  literals?: string[];
  files?: string[];
}

interface Step {
  op: 'add' | 'replace' | 'remove';
  path: string;
  value?: unknown;
}

/**
 * As much of Kustomize as deploy/k8s has use for: its rules can be judged where there is no
 * kubectl. Names of ConfigMaps end with no hash.
 * @param all what is there before: a component changes it
 */
export function kustomized(folder: string, all: Manifest[] = []): Manifest[] {
  const read = (path: string) => readFileSync(join(folder, path), 'utf8');
  const told = parse(read('kustomization.yaml')) as Kustomization;
  for (const path of told.resources ?? []) {
    const isFolder = statSync(join(folder, path)).isDirectory();
    all.push(...(isFolder ? kustomized(join(folder, path)) : manifestsIn(read(path))));
  }
  for (const path of told.components ?? []) kustomized(join(folder, path), all);
  for (const one of told.configMapGenerator ?? []) generate(all, one, read);
  for (const { path, patch = read(path ?? ''), target } of told.patches ?? []) {
    const change = parse(patch) as Step[] | Manifest;
    if (!Array.isArray(change)) merge(named(all, change.kind, change.metadata?.name), change);
    else for (const one of targets(all, target)) change.forEach((step) => take(one, step));
  }
  for (const one of all) {
    for (const { name, newName, newTag } of told.images ?? []) {
      for (const container of (one as Kinds['Deployment']).spec?.template?.spec?.containers ?? []) {
        if (container.image?.split(':')[0] === name) container.image = `${newName}:${newTag}`;
      }
    }
    if (told.namespace !== undefined && one.kind !== 'Namespace') {
      one.metadata = { ...one.metadata, name: one.metadata?.name ?? '', namespace: told.namespace };
    }
  }
  return all;
}

function manifestsIn(text: string): Manifest[] {
  return parseAllDocuments(text, { merge: true }).map((one) => one.toJS() as Manifest);
}

function generate(all: Manifest[], told: Generator, read: (path: string) => string): void {
  const { name, behavior, literals = [], files = [] } = told;
  const data = Object.fromEntries([
    ...literals.map((one) => [one.split('=')[0], one.slice(one.indexOf('=') + 1)] as const),
    ...files.map((path) => [path, read(path)] as const),
  ]) as Record<string, string>;
  if (behavior === undefined) {
    all.push({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data });
    return;
  }
  const map = named(all, 'ConfigMap', name) as Kinds['ConfigMap'];
  map.data = behavior === 'merge' ? { ...map.data, ...data } : data;
}

function named(all: Manifest[], kind = '', name = ''): Manifest {
  const one = all.find((each) => each.kind === kind && each.metadata?.name === name);
  if (one === undefined) throw new Error(`there is no ${kind} ${name}`);
  return one;
}

function targets(
  all: Manifest[],
  target = { kind: '', name: '' } as { name?: string; kind: string },
) {
  const name = new RegExp(`^(${target.name ?? '.*'})$`);
  return all.filter(
    ({ kind, metadata }) => kind === target.kind && name.test(metadata?.name ?? ''),
  );
}

function merge(into: object, change: object): void {
  for (const [key, value] of Object.entries(change)) {
    const old = (into as Json)[key];
    if (isObject(old) && isObject(value)) merge(old, value);
    else (into as Json)[key] = value;
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function take(manifest: Manifest, { op, path, value }: Step): void {
  const keys = path.split('/').slice(1);
  const last = keys.pop() ?? '';
  const parent = keys.reduce((one, key) => one[key] as Json, manifest as unknown as Json);
  if (op === 'remove') delete parent[last];
  else parent[last] = value;
}

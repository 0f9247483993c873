import { readdirSync } from 'node:fs';
import type { Manifest } from '../kinds';
import { root } from '../files';
import { missingKubectl, rendered } from '../rendered';
import { kustomized } from './kustomized';

const folder = `${root}/overlays`;
export const overlays = readdirSync(folder);

export const hasKubectl = missingKubectl() === undefined;
/** For names of tests. */
export const by = hasKubectl ? 'as kubectl renders it' : 'as our stand-in for kubectl renders it';

/** What an overlay is rendered to. */
export function overlay(name: string): Manifest[] {
  const path = `${folder}/${name}`;
  return hasKubectl ? (withoutHashes(rendered(path)) as Manifest[]) : kustomized(path);
}

/** Each without the hash with which Kustomize ends the names of ConfigMaps. */
function withoutHashes(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(/-[2456789bcdfghkmt]{10}$/, '');
  if (Array.isArray(value)) return value.map(withoutHashes);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withoutHashes(one)]));
}

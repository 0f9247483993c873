import type { Type } from '@nestjs/common';
import { readdirSync } from 'node:fs';
import { dirname, join, parse, sep } from 'node:path';
import { decoratedBeside } from './decorated';
import { functionsOf, listedIn } from './wiring';

/** A handler that no module provides: it never runs, and nothing else says so. */
export interface Unlisted {
  /** `Class.method`; of one that was not even loaded its file without extension, `get-user.rpc`. */
  handler: string;
  remedy: string;
}

/** @param provided methods of what the modules provide; what they list, when not given */
export function unlistedIn(
  modules: readonly Type[],
  provided = listedMethods(modules),
): Unlisted[] {
  const loaded = decoratedBeside(provided).map((handler) => {
    const [name] = handler.split('.');
    return { handler, remedy: `list ${name} in the providers of its module` };
  });
  const files = modules.flatMap((module) =>
    unloadedBeside(module).map((handler) => {
      return { handler, remedy: `list its class in the providers of ${module.name}` };
    }),
  );
  return [...loaded, ...files];
}

function listedMethods(modules: readonly Type[]): object[] {
  const listed = modules.flatMap((module) => [...listedIn(module).providers]);
  return listed.flatMap((provider) => [...functionsOf(provider).values()]);
}

/** Their exports are left alone: to read some is to load more. */
const packages = `${sep}node_modules${sep}`;
const handlerFile = /\.(work|fanout|topic|rpc)\.[cm]?[jt]s$/;

/** Files such as `get-user.rpc.js` beside that of a module, as far as modules are CommonJS. */
function unloadedBeside(module: Type): string[] {
  const own = Object.entries(require.cache).filter(([name]) => !name.includes(packages));
  const [file] = own.find(([, one]) => isAmong(module, one?.exports)) ?? [];
  if (file === undefined) return [];
  const folder = dirname(file);
  return readdirSync(folder)
    .filter((name) => handlerFile.test(name) && require.cache[join(folder, name)] === undefined)
    .map((name) => parse(name).name);
}

function isAmong(module: Type, exports: unknown): boolean {
  return typeof exports === 'object' && exports !== null && Object.values(exports).includes(module);
}

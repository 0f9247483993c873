import { transformFile, type Output } from '@swc/core';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';

/** Where a source is in dist. */
export function builtFile(source: string): string {
  return join('dist', source.replace(/\.ts$/, '.js'));
}

/**
 * Brings what dist has of these sources up to date.
 * @throws what does not compile, where and why: then nothing in dist has changed
 */
export async function rebuild(sources: readonly string[]): Promise<void> {
  const built = new Map<string, Output | undefined>();
  for (const source of sources) built.set(builtFile(source), await compile(source));
  for (const [file, output] of built) write(file, output);
}

/** As the build does it. Undefined: it is there no more. */
async function compile(source: string): Promise<Output | undefined> {
  if (!existsSync(source)) return undefined;
  const file = builtFile(source);
  const sourceFileName = relative(dirname(file), source).replaceAll(sep, '/');
  try {
    return await transformFile(source, { sourceFileName, outputPath: file });
  } catch (error) {
    // What follows is the compiler's own stack.
    throw new Error((error as Error).message.split('Caused by:')[0]?.trim(), { cause: error });
  }
}

function write(file: string, output: Output | undefined): void {
  const mapFile = `${file}.map`;
  if (output === undefined) {
    for (const one of [file, mapFile]) rmSync(one, { force: true });
    return;
  }
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(mapFile, output.map ?? '');
  writeFileSync(file, `${output.code}\n//# sourceMappingURL=${basename(mapFile)}`);
}

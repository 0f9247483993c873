import 'reflect-metadata';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { rightsOfParties, wiringsOfServices } from '@tradepost/messaging';
import { readArguments, Usage } from '../ops/shop/arguments';
import { shop } from '../ops/shop/messaging';
import { runCommand } from '../ops/shop/run-command';
import { root, writtenFiles, writtenFolders, yamlOf } from './k8s/files';
import { Judge } from './k8s/problems';
import { rendered } from './k8s/rendered';
import { overlays, secretsOf, type Overlay } from './k8s/secrets';

const usage = `Usage: npm run k8s -- COMMAND
The manifests in ${root}, as far as the code says what is in them.
  write            writes them anew, from apps/services.ts, contracts and handlers
  check [FOLDER…]  renders overlays, unless named all in ${root}/overlays, and says what
                   is wrong with them; exit code 1 then, or when what is written is old
  secrets OVERLAY  prints the Secrets that local or operators refers to, with random passwords
Example: npm run -s k8s -- secrets local | kubectl create -n tradepost -f -`;

/** @returns the exit code */
async function main(): Promise<number> {
  const { positionals } = readArguments({ allowPositionals: true });
  const [command, ...names] = positionals;
  if (command === 'write' && names.length === 0) return write();
  if (command === 'check') return check(names);
  if (command === 'secrets' && names.length === 1) return secrets(names[0] ?? '');
  throw new Usage(`There is no command "${positionals.join(' ')}".`);
}

async function write(): Promise<number> {
  for (const folder of writtenFolders) await rm(folder, { recursive: true, force: true });
  for (const { path, text } of await writtenFiles()) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
    console.log(`Wrote ${path}`);
  }
  return 0;
}

async function check(folders: string[]): Promise<number> {
  const old = (await writtenFiles()).filter(({ path, text }) => !isWritten(path, text));
  for (const { path } of old) console.error(`${path} is not up to date: run npm run k8s -- write`);
  const judge = new Judge();
  let found = old.length;
  for (const folder of folders.length > 0 ? folders : await allOverlays()) {
    const problems = await judge.problemsOf(rendered(folder), isOurs(folder));
    for (const problem of problems) console.log(`${folder}: ${problem}`);
    if (problems.length === 0) console.log(`${folder}: all is well`);
    found += problems.length;
  }
  return found === 0 ? 0 : 1;
}

function isOurs(folder: string): boolean {
  return !relative(root, folder).startsWith('..');
}

function isWritten(path: string, text: string): boolean {
  return existsSync(path) && readFileSync(path, 'utf8').replaceAll('\r\n', '\n') === text;
}

async function allOverlays(): Promise<string[]> {
  const names = await readdir(join(root, 'overlays'));
  return names.sort().map((name) => join(root, 'overlays', name));
}

async function secrets(overlay: string): Promise<number> {
  if (!(overlays as readonly string[]).includes(overlay)) {
    throw new Usage(`The overlay is ${overlays.join(' or ')}, not "${overlay}"`);
  }
  const rights = await rightsOfParties(shop, await wiringsOfServices({ ...shop }), 'strict');
  process.stdout.write(yamlOf(secretsOf(overlay as Overlay, Object.keys(rights))));
  return 0;
}

runCommand(usage, main);

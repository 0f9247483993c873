import 'reflect-metadata';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, relative } from 'node:path';
import { readArguments, Usage } from '../ops/shop/arguments';
import { runCommand } from '../ops/shop/run-command';
import { check, linesOf } from './contracts/compare/check';
import { documents } from './contracts/documents';
import {
  acceptedIn,
  problemWith,
  releasesIn,
  writeRelease,
  type Documents,
} from './contracts/releases';

const usage = `Usage: npm run contracts -- COMMAND
What the services tell each other and clients, as documents that any client can be written from.
  write            writes docs/asyncapi.json and docs/openapi anew, from what the services are
  check            compares them with every release in contracts/: exit code 1 when something breaks
  release VERSION  keeps them in contracts/VERSION, unless something breaks
Example: npm run contracts -- check`;

const folder = 'contracts';

/** @returns the exit code */
async function main(): Promise<number> {
  const { positionals } = readArguments({ allowPositionals: true });
  const [command, version, ...more] = positionals;
  if (more.length === 0) {
    if (command === 'write' && version === undefined) return write();
    if (command === 'check' && version === undefined) return compare();
    if (command === 'release' && version !== undefined) return release(version);
  }
  if (positionals.length === 1 && command === 'release') throw new Usage('Which version is it?');
  throw new Usage(`There is no command "${positionals.join(' ')}".`);
}

/** Prints what breaks. @returns the exit code */
async function compare(): Promise<number> {
  const fresh = await documents();
  const old = fresh.filter(({ file, text }) => !isWritten(file, text));
  for (const { file } of old) {
    console.error(`${file} is not up to date: run npm run contracts -- write`);
  }
  const today = fresh.map(({ file, text }) => [relative('docs', file), JSON.parse(text) as object]);
  const releases = await releasesIn(folder);
  const accepted = await acceptedIn(folder);
  const verdict = check(releases, Object.fromEntries(today) as Documents, accepted);
  for (const line of linesOf(verdict, releases)) console.log(line);
  return verdict.broken.size + verdict.stale.length + old.length === 0 ? 0 : 1;
}

function isWritten(file: string, text: string): boolean {
  return existsSync(file) && readFileSync(file, 'utf8').replaceAll('\r\n', '\n') === text;
}

async function release(version: string): Promise<number> {
  const problem = problemWith(version, await releasesIn(folder));
  if (problem !== undefined) throw new Usage(`${problem}.`);
  if ((await compare()) !== 0) return 1;
  await writeRelease(folder, version, await documents());
  console.log(`Wrote ${folder}/${version}`);
  return 0;
}

async function write(): Promise<number> {
  for (const { file, text } of await documents()) {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
    console.log(`Wrote ${file}`);
  }
  return 0;
}

runCommand(usage, main);

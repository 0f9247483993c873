import 'reflect-metadata';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { readArguments, Usage } from '../ops/shop/arguments';
import { runCommand } from '../ops/shop/run-command';
import { documents } from './contracts/documents';

const usage = `Usage: npm run contracts -- COMMAND
What the services tell each other, as documents that any client can be written from.
  write  writes docs/asyncapi.json anew, from the contracts and the modules of the services
Example: npm run contracts -- write`;

const commands: Record<string, () => Promise<number>> = { write };

/** @returns the exit code */
async function main(): Promise<number> {
  const { positionals } = readArguments({ allowPositionals: true });
  const [name = '', ...more] = positionals;
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined || more.length > 0) {
    throw new Usage(`There is no command "${positionals.join(' ')}".`);
  }
  return command();
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

import { spawnSync } from 'node:child_process';
import { runCommand } from '../ops/shop/run-command';
import { commandOf, usage } from './new-service/command';
import { freeColour, freePort } from './new-service/free';
import { enter } from './new-service/lists';
import { writeFolder } from './new-service/write-folder';

const quiet = ['--log-level', 'warn'];

async function main(): Promise<void> {
  const names = commandOf(process.argv.slice(2));
  const service = { ...names, port: freePort(), colour: freeColour() };
  const { name, port } = service;
  const files = await writeFolder('.', service);
  const lists = await enter('.', service);
  // Names are of any length, and so are the lines that they are in.
  const written = [...files, ...lists.map(({ file }) => file)];
  run(
    'node_modules/prettier/bin/prettier.cjs',
    '--write',
    '--ignore-unknown',
    ...quiet,
    ...written,
  );
  // Built anew: they write what the new module hears.
  run('dev/run.mjs', 'topology', 'graph');
  run('dev/run.mjs', 'contracts', 'write');
  run('dev/run.mjs', 'k8s', 'write');
  console.log(`Wrote apps/${name}: ${files.length} files, port ${port}`);
  for (const { file, byHand } of lists) {
    console.log(byHand === undefined ? `Entered in ${file}` : `Enter in ${file}:\n${byHand}`);
  }
  console.log(`\nNow: npm test -- apps/${name}; then start again: npm run dev`);
}

/** @throws when it fails; what it printed says why */
function run(program: string, ...args: string[]): void {
  const stdio = ['ignore', 'inherit', 'inherit'] as const;
  const { status } = spawnSync(process.execPath, [program, ...args], { stdio: [...stdio] });
  if (status !== 0) throw new Error(`${program} ${args[0]} failed; what it says above is why.`);
}

runCommand(usage, main);

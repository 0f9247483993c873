import { spawn } from 'node:child_process';
import { buildArgv } from 'jest';
import { type Broker, type Database } from './local/types';
import { serverVariables, withServers } from './local/with-servers';
import { Usage } from '../ops/shop/arguments';
import { runCommand } from '../ops/shop/run-command';

const usage = `Usage: npm test [-- PATTERN…] [jest's options]
One broker and one database for the whole run, then jest: all but the slow and longest suites and
those of the browser, or those whose paths have a pattern.
  -t NAME             only tests whose names have it
  --selectProjects P  unit, integration, e2e, slow, longest or browser
  …                   \`npx jest --help\` has all of them
Example: npm test -- apps/orders -t cancel`;

function jest(broker: Broker, database: Database, signal: AbortSignal): Promise<number> {
  const args = process.argv.slice(2);
  const child = spawn(
    process.execPath,
    [
      'node_modules/jest/bin/jest.js',
      ...(args.length > 0 ? args : ['--ignoreProjects', 'slow', 'longest', 'browser']),
    ],
    { stdio: 'inherit', env: { ...process.env, ...serverVariables(broker, database) } },
  );
  signal.addEventListener('abort', () => child.kill('SIGTERM'));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

/** `Unrecognized option "fast".`, among what jest says around it. */
function sentenceOf(error: unknown): string {
  const lines = (error as Error).message.split('\n').map((line) => line.trim());
  return lines.slice(1).find((line) => line !== '') ?? String(error);
}

async function main(): Promise<number> {
  // Before a broker is started for nothing.
  await buildArgv(process.argv.slice(2)).catch((error: unknown) => {
    throw new Usage(sentenceOf(error));
  });
  return withServers(jest);
}

runCommand(usage, main);

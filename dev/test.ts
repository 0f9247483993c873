// `npm test [-- jest's arguments]`: one broker and one database for the whole run, then jest.
// Without arguments all but the slow suites and those of the browser; who names some gets them.
import { spawn } from 'node:child_process';
import { type Broker, type Database } from './local/types';
import { serverVariables, withServers } from './local/with-servers';
import { runCommand } from '../ops/shop/run-command';

function jest(broker: Broker, database: Database, signal: AbortSignal): Promise<number> {
  const args = process.argv.slice(2);
  const child = spawn(
    process.execPath,
    [
      'node_modules/jest/bin/jest.js',
      ...(args.length > 0 ? args : ['--ignoreProjects', 'slow', 'browser']),
    ],
    { stdio: 'inherit', env: { ...process.env, ...serverVariables(broker, database) } },
  );
  signal.addEventListener('abort', () => child.kill('SIGTERM'));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

runCommand(() => withServers(jest));

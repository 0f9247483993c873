import { get } from 'node:http';
import { readArguments } from './shop/arguments';
import { runCommand } from './shop/run-command';

const answerMs = 4_000;

const usage = `Usage: node dist/ops/health.js
Asks the service in the same container whether it is ready, for a health check without a shell.
Exit code 0: ready; 1: not, and why. Takes no options, but a variable:
  PORT   the service's
Example: docker compose exec orders node dist/ops/health.js`;

async function main(): Promise<void> {
  readArguments({});
  const { PORT: port } = process.env;
  if (!/^\d+$/.test(port ?? '')) throw new Error('PORT is not set to a port');
  // With Node's own client and nothing else: this starts every few seconds, for each service.
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const signal = AbortSignal.timeout(answerMs);
    get(`http://127.0.0.1:${port}/health/ready`, { signal, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).on('error', reject);
  });
  if (status !== 200) throw new Error(`not ready: ${status}`);
}

runCommand(usage, main);

import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { root } from './root';

export interface StartProcessOptions {
  /** The folder in apps/. */
  app: string;
  /** All of the service's environment, but PORT and PATH. */
  env: Record<string, string>;
  /** What it runs, in dist; of an app, its main unless said otherwise. */
  main?: string;
  /** Any free one unless given. */
  port?: number;
  /** Takes what it writes, after what is in it already. */
  lines?: string[];
}

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface ServiceProcess {
  app: string;
  url: string;
  pid: number;
  /** Its last lines, of both outputs; at most `linesMax`. */
  lines: string[];
  exited: Promise<Exit>;
  /** SIGTERM; SIGKILL when that takes longer than `withinMs`. */
  stop(options?: { withinMs?: number }): Promise<Exit>;
  /** SIGKILL. */
  kill(): Promise<Exit>;
  signal(name: NodeJS.Signals): void;
}

const linesMax = 500;
const running = new Set<ChildProcess>();

// The last resort, for whoever started them and ends by an error of its own.
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** A service as its own OS process, from dist/. It may not be ready yet. */
export async function startProcess(options: StartProcessOptions): Promise<ServiceProcess> {
  const { app, env, main = join('apps', app, 'src/main.js'), lines = [] } = options;
  const program = join(root, 'dist', main);
  if (!existsSync(program)) throw new Error(`${program} is missing: run \`npm run build\` first`);
  const port = options.port ?? (await freePort());
  const child = spawn(process.execPath, ['--enable-source-maps', program], {
    cwd: root,
    env: { PATH: process.env.PATH, HOST: '127.0.0.1', PORT: String(port), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  const exited = exitOf(child);
  child.once('exit', () => running.delete(child));
  keepLines(child, lines);
  return {
    app,
    url: `http://127.0.0.1:${port}`,
    pid: child.pid ?? 0,
    lines,
    exited,
    stop: async ({ withinMs = 15_000 } = {}) => {
      const timer = setTimeout(() => child.kill('SIGKILL'), withinMs);
      child.kill('SIGTERM');
      return exited.finally(() => clearTimeout(timer));
    },
    kill: async () => {
      child.kill('SIGKILL');
      return exited;
    },
    signal: (name) => void child.kill(name),
  };
}

function exitOf(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    // Not `exit`: by `close` both outputs have been read to their end.
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
}

function keepLines(child: ChildProcess, lines: string[]): void {
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue;
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      if (lines.length > linesMax) lines.shift();
    });
  }
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

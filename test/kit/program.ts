import { eventually } from '@tradepost/messaging/testing';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';

export interface ProgramOptions {
  cwd: string;
  /** Beside what this process has. */
  env: Record<string, string>;
}

/** Any program, as a reader of the documents runs it. */
export class Program {
  /** Its exit code; null: it was stopped. */
  readonly ended: Promise<number | null>;
  private output = '';
  private readonly kill: () => boolean;

  constructor(command: string, args: string[], { cwd, env }: ProgramOptions) {
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env } });
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    }
    this.ended = once(child, 'close').then(([code]) => code as number | null);
    this.kill = () => child.kill('SIGKILL');
  }

  /** All of both outputs so far. */
  get said(): string {
    return this.output;
  }

  async untilSays(text: string): Promise<void> {
    await eventually(() => {
      if (!this.output.includes(text)) throw new Error(`"${text}" is not in: ${this.output}`);
    });
  }

  async stop(): Promise<void> {
    this.kill();
    await this.ended;
  }
}

/**
 * A Python that has this package. Debian's packages are those of its own Python, and another may
 * come first on PATH.
 */
export function findPython(withPackage: string): string | undefined {
  const names = ['python3', '/usr/bin/python3', 'python'];
  return names.find((name) => spawnSync(name, ['-c', `import ${withPackage}`]).status === 0);
}

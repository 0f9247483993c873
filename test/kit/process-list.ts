import { execFile } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

const everyMs = 30;

interface Listed {
  parent: string;
  /** The program and its arguments. */
  line: string;
}

/** What every user of this machine saw of its processes, those that ended soon included. */
export class ProcessList {
  private readonly seen = new Map<string, Listed>();
  private isOver = false;
  private readonly looking = this.look();

  /** All lines so far. */
  get lines(): string[] {
    return [...this.seen.values()].map(({ line }) => line);
  }

  /** Of the descendants of a process. */
  linesUnder(pid: number): string[] {
    const pids = new Set([String(pid)]);
    // A child may be listed before its parent.
    for (let count = 0; count < pids.size;) {
      count = pids.size;
      for (const [key, { parent }] of this.seen) {
        if (pids.has(parent)) pids.add(key.split(' ')[0] ?? '');
      }
    }
    return [...this.seen].filter(([, { parent }]) => pids.has(parent)).map(([, one]) => one.line);
  }

  async end(): Promise<void> {
    this.isOver = true;
    await this.looking;
  }

  private async look(): Promise<void> {
    const options = { maxBuffer: 64 * 1_024 * 1_024 };
    for (; !this.isOver; await delay(everyMs)) {
      const args = ['-ww', '-eo', 'pid=,ppid=,args='];
      const { stdout } = await promisify(execFile)('ps', args, options);
      for (const [, pid = '', parent = '', line = ''] of stdout.matchAll(/^ *(\d+) +(\d+) (.*)$/gm))
        this.seen.set(`${pid} ${line}`, { parent, line });
    }
  }
}

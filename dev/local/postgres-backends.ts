import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { ServerProcess } from './server-process';

const frozen = new Set<Backends>();

// A process under SIGSTOP outlives us unless it is killed.
process.on('exit', () => {
  for (const backends of frozen) backends.killNow();
});

/**
 * A PostgreSQL server with its backends, each of which has left the server's process group: a
 * signal to the group alone leaves them at work.
 */
export class Backends {
  private stopped: number[] = [];

  constructor(private readonly server: ServerProcess) {}

  async kill(): Promise<void> {
    const backends = await this.pids();
    await this.server.kill();
    signal(backends, 'SIGKILL');
    signal(this.stopped, 'SIGKILL');
    this.forget();
  }

  async freeze(): Promise<void> {
    // The server first: from then on it forks no more.
    this.server.signal('SIGSTOP');
    this.stopped = await this.pids();
    frozen.add(this);
    signal(this.stopped, 'SIGSTOP');
  }

  async thaw(): Promise<void> {
    signal(this.stopped, 'SIGCONT');
    this.forget();
    this.server.signal('SIGCONT');
  }

  killNow(): void {
    signal(this.stopped, 'SIGKILL');
  }

  private forget(): void {
    this.stopped = [];
    frozen.delete(this);
  }

  private async pids(): Promise<number[]> {
    const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=']);
    const rows = stdout
      .trim()
      .split('\n')
      .map((line) => line.trim().split(/\s+/).map(Number));
    return rows.flatMap(([pid, parent]) =>
      pid !== undefined && parent === this.server.pid ? [pid] : [],
    );
  }
}

function signal(pids: number[], name: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, name);
    } catch {
      // Gone meanwhile.
    }
  }
}

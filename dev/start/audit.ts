import { spawn, type ChildProcess } from 'node:child_process';

const timeoutMs = 60_000;
const linesMax = 500;

interface AuditState {
  state: 'running' | 'clean' | 'violated' | 'failed';
  at: number;
  lines: string[];
}

/** `npm run audit` as a child: its lines and its verdict. */
export class Audit {
  state?: AuditState;
  private child?: ChildProcess;

  /** Nothing while one runs. */
  begin(): void {
    if (this.child) return;
    const state: AuditState = { state: 'running', at: Date.now(), lines: [] };
    this.state = state;
    const child = spawn(process.execPath, ['dist/ops/audit.js'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child = child;
    const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    let text = '';
    for (const output of [child.stdout, child.stderr]) {
      output.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    }
    const end = (verdict: AuditState['state']): void => {
      clearTimeout(timer);
      this.child = undefined;
      state.state = verdict;
      state.at = Date.now();
      state.lines = text.trimEnd().split('\n').slice(0, linesMax);
    };
    child.once('error', () => end('failed'));
    child.once('close', (code) => end(code === 0 ? 'clean' : code === 1 ? 'violated' : 'failed'));
  }

  stop(): void {
    this.child?.kill('SIGKILL');
  }
}

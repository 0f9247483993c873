import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { say } from './lines';

const args = [
  ...['--watch', '--preserveWatchOutput', '--noEmit', '--pretty', 'false'],
  ...['--incremental', '--tsBuildInfoFile', '.tradepost/types.tsbuildinfo'],
];

/** Checks the types of everything, again after each change; stops nothing. */
export class Types {
  private readonly compiler: ChildProcess;

  constructor() {
    const program = [require.resolve('typescript/bin/tsc'), ...args];
    const compiler = spawn(process.execPath, program, { stdio: ['ignore', 'pipe', 'inherit'] });
    createInterface({ input: compiler.stdout }).on('line', (line) => {
      const text = lineOf(line);
      if (text !== undefined) say(text, 'types');
    });
    this.compiler = compiler;
  }

  close(): void {
    this.compiler.kill();
  }
}

/** An error as it is, and how many there are: `2:30:10 PM - Found 1 error. Watching for …`. */
function lineOf(line: string): string | undefined {
  const [, found] = /- Found (\d+ errors?)\./.exec(line) ?? [];
  if (found !== undefined) return found;
  return line === '' || /^\d+:\d+:\d+ [AP]M - /.test(line) ? undefined : line;
}

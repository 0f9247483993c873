const waitingMax = 65_536;

let waiting: string | undefined;

/** To standard output: the lines of a turn in one write, and at the end of the process the rest. */
export function writeLine(line: string): void {
  if (waiting === undefined) process.on('exit', flush);
  if (!waiting) setImmediate(flush);
  waiting = (waiting ?? '') + line;
  if (waiting.length >= waitingMax) flush();
}

function flush(): void {
  if (!waiting) return;
  process.stdout.write(waiting);
  waiting = '';
}

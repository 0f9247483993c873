import { Usage } from './arguments';

/**
 * Runs a command to the exit code that `main` gives, 0 without one; 1 when it throws, and why; 2
 * when it throws a Usage, with where to read more. `--help` prints `usage`, whatever else is given.
 */
export function runCommand(usage: string, main: () => Promise<number | void>): void {
  if (process.argv.slice(2).includes('--help')) return console.log(usage);
  main().then(
    (code) => (process.exitCode = code ?? process.exitCode),
    (error: unknown) => {
      console.error(error instanceof Error ? error.message : error);
      if (error instanceof Usage) console.error('--help says what it takes.');
      process.exitCode = error instanceof Usage ? 2 : 1;
    },
  );
}

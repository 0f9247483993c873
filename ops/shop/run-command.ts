import { Usage } from './arguments';

/**
 * Runs a command to the exit code that `main` gives, 0 without one; 1 when it throws, and why; 2
 * with `usage` when it throws a Usage.
 */
export function runCommand(main: () => Promise<number | void>, usage?: string): void {
  main().then(
    (code) => (process.exitCode = code ?? process.exitCode),
    (error: unknown) => {
      console.error(error instanceof Error ? error.message : error);
      if (usage !== undefined && error instanceof Usage) console.error(`\n${usage}`);
      process.exitCode = error instanceof Usage ? 2 : 1;
    },
  );
}

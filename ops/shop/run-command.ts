/** Runs a command to the exit code that `main` gives, 0 without one; 1 when it throws, and why. */
export function runCommand(main: () => Promise<number | void>): void {
  main().then(
    (code) => (process.exitCode = code ?? process.exitCode),
    (error: unknown) => {
      console.error(error instanceof Error ? error.message : error);
      process.exitCode = 1;
    },
  );
}

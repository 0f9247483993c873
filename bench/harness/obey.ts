/**
 * Serves the commands of an `ObedientProgram`; ends with it. A command that fails ends the process:
 * what follows would measure nothing.
 */
export function obey<Command extends object>(serve: (command: Command) => Promise<unknown>): void {
  process.on('message', ({ id, ...command }: Command & { id: number }) => {
    serve(command as unknown as Command).then(
      (result) => process.send?.({ id, result }),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  });
  // The bench itself is dead.
  process.on('disconnect', () => process.exit(1));
  process.on('SIGTERM', () => process.exit(0));
}

/** From the first signal; a second one, later than this, does not wait at all. */
const repeatMs = 1_000;
const stopMs = 9_500;

/** Calls `close` on the first signal that ends us, with its name; ends us after 9.5 s anyway. */
export function stopOnSignals(close: (why: string) => void): void {
  let firstMs: number | undefined;
  const stop = (why: string) => {
    const nowMs = performance.now();
    // npm and the terminal may both send the same one: only a later one is impatience.
    if (firstMs !== undefined && nowMs - firstMs > repeatMs) process.exit(130);
    if (firstMs !== undefined) return;
    firstMs = nowMs;
    close(why);
    setTimeout(() => process.exit(1), stopMs).unref();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  // The reader of our output is gone.
  process.stdout.on('error', () => stop('no reader'));
}

/** Whether a random event of this rate happens: never at 0, always at 1. */
export function sample(rate: number): boolean {
  return Math.random() < rate;
}

/** A random time from 0 to `maxMs`. */
export function sampleMs(maxMs: number): number {
  return Math.round(Math.random() * maxMs);
}

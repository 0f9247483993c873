import { messageOf } from './until';

/** A way that this machine does not have; the next one is tried. */
export class Unavailable extends Error {}

export interface Way<T> {
  name: string;
  take(): Promise<T>;
}

export interface WaysOptions {
  /** Ends the message of a failure: what somebody can do about it. */
  advice: string;
  log: (line: string) => void;
  signal?: AbortSignal;
}

/**
 * Takes the first way that works, saying why each one before it did not.
 * @throws when none does, with each one's reason and the advice
 */
export async function firstOf<T>(ways: Way<T>[], options: WaysOptions): Promise<T> {
  const reasons: string[] = [];
  for (const way of ways) {
    options.signal?.throwIfAborted();
    try {
      return await way.take();
    } catch (error) {
      options.signal?.throwIfAborted();
      const verb = error instanceof Unavailable ? 'not' : 'failed:';
      reasons.push(`${way.name}: ${messageOf(error)}`);
      options.log(`${verb} ${way.name}: ${messageOf(error)}`);
    }
  }
  throw new Error([options.advice, ...reasons.map((reason) => `  tried ${reason}`)].join('\n'));
}

/** `TRADEPOST_BROKER` or `TRADEPOST_DATABASE`: takes `docker` or `native` and no other way. */
export function forcedWay(variable: string): 'docker' | 'native' | undefined {
  const value = process.env[variable];
  if (value === undefined || value === '') return undefined;
  if (value === 'docker' || value === 'native') return value;
  throw new Error(`${variable} is "${value}"; it may be docker or native`);
}

import { parseArgs, type ParseArgsConfig } from 'node:util';
import { withoutPassword } from '@tradepost/database';

/** The command line cannot be understood. */
export class Usage extends Error {}

/** As parseArgs, which says in one sentence what is wrong. @throws Usage */
export function readArguments<T extends ParseArgsConfig>(
  config: T,
): ReturnType<typeof parseArgs<T>> {
  try {
    return parseArgs(config);
  } catch (error) {
    // What follows is advice on `--`.
    const [sentence] = (error as Error).message.split(/\.\s/);
    throw new Usage(`${withoutPassword(sentence ?? '')}.`, { cause: error });
  }
}

/** @returns it without a slash at its end. @throws Usage */
export function urlOf(option: string, text: string): string {
  if (!/^https?:\/\//.test(text) || !URL.canParse(text)) {
    throw new Usage(`--${option} wants http://host:port, not "${text}"`);
  }
  return text.replace(/\/+$/, '');
}

/** @throws Usage */
export function wholeNumber(
  option: string,
  text: string,
  { min = 0, max = Number.MAX_SAFE_INTEGER } = {},
): number {
  const value = Number(text);
  if (text !== '' && Number.isSafeInteger(value) && value >= min && value <= max) return value;
  const range = max === Number.MAX_SAFE_INTEGER ? `from ${min}` : `from ${min} to ${max}`;
  throw new Usage(`--${option} wants a whole number ${range}, not "${text}"`);
}

const unitsMs: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** `500ms`, `60s`, `5m`, `1h`, in milliseconds. @throws Usage */
export function durationMs(
  option: string,
  text: string,
  { minMs, maxMs }: { minMs: number; maxMs: number },
): number {
  const [, count = '', unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? [];
  const value = Number(count) * (unitsMs[unit] ?? NaN);
  if (value >= minMs && value <= maxMs) return value;
  const range = `from ${minMs / 1_000}s to ${maxMs / 1_000}s`;
  throw new Usage(`--${option} wants a duration such as 60s, ${range}, not "${text}"`);
}

import { randomInt } from 'node:crypto';
import { readArguments, Usage, wholeNumber } from '../../ops/shop/arguments';

export interface Options {
  requests: number;
  messages: number;
  seed: number;
  only?: { kind: 'http' | 'message'; number: number };
  json?: string;
}

export const usage = `Usage: npm run fuzz [-- options]
Requests and messages as no client sends them, made of the documents: docs/GUARANTEES.md#fuzz.
  --requests N     connections, with one request or some: 10000 unless given
  --messages N     100000 unless given
  --seed N         the same ones again
  --only CASE      that one alone, as a finding names it: http:17, message:4
  --json FILE      what was found
Example: npm run fuzz -- --requests 1000 --messages 10000 --seed 7`;

/** @throws Usage */
export function readOptions(args: string[]): Options {
  const { values } = readArguments({
    args,
    options: {
      requests: { type: 'string', default: '10000' },
      messages: { type: 'string', default: '100000' },
      seed: { type: 'string' },
      only: { type: 'string' },
      json: { type: 'string' },
    },
  });
  return {
    requests: wholeNumber('requests', values.requests),
    messages: wholeNumber('messages', values.messages),
    seed: values.seed === undefined ? randomInt(1, 1_000_000) : wholeNumber('seed', values.seed),
    only: values.only === undefined ? undefined : caseOf(values.only),
    json: values.json,
  };
}

/** The command that does one case again. */
export function commandOf({ seed }: Options, at: string): string {
  const isCase = /^(http|message):\d+$/.test(at);
  return `npm run fuzz -- --seed ${seed}${isCase ? ` --only ${at}` : ''}`;
}

function caseOf(text: string): Options['only'] {
  const [, kind, number] = /^(http|message):(\d+)$/.exec(text) ?? [];
  if (kind !== undefined) return { kind: kind as 'http' | 'message', number: Number(number) };
  throw new Usage(`--only wants http:N or message:N, not "${text}"`);
}

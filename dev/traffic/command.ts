import { randomInt } from 'node:crypto';
import { durationMs, readArguments, urlOf, wholeNumber } from '../../ops/shop/arguments';

export const usage = `Usage: npm run traffic -- [options]
A shop's day in small: customers buy at a steady rate.
  --rate    orders a second, whether the shop keeps up or not; 50 unless given
            max: finds the most that it keeps up with
  --for     how long orders are placed; 60s, or at most 90s for max, unless given
  --within  how long an accepted order may take to end; 60s unless given
  --seed    the same customers and baskets again
  --orders  the shop; the running \`npm start\` unless given
  --json    one JSON object at the end, and nothing else
Example: npm run traffic -- --rate 100 --for 2m
Exit codes: 0, 1 when an accepted order has not ended in time, 2 wrong usage or no shop`;

export interface TrafficCommand {
  /** Orders a second. */
  rate: number | 'max';
  forMs: number;
  withinMs: number;
  seed: number;
  ordersUrl?: string;
  json: boolean;
}

const rateMax = 10_000;
const forBounds = { minMs: 100, maxMs: 24 * 3_600_000 };
const withinBounds = { minMs: 1_000, maxMs: 3_600_000 };

/** @throws Usage */
export function commandOf(args: string[]): TrafficCommand {
  const { rate, seed, orders, json, within, ...values } = read(args);
  const isMax = rate === 'max';
  return {
    rate: isMax ? 'max' : wholeNumber('rate', rate, { min: 1, max: rateMax }),
    forMs: durationMs('for', values.for ?? (isMax ? '90s' : '60s'), forBounds),
    withinMs: durationMs('within', within, withinBounds),
    seed: seed === undefined ? randomInt(1, 1_000_000) : wholeNumber('seed', seed),
    ordersUrl: orders === undefined ? undefined : urlOf('orders', orders),
    json,
  };
}

function read(args: string[]) {
  return readArguments({
    args,
    options: {
      rate: { type: 'string', default: '50' },
      for: { type: 'string' },
      within: { type: 'string', default: '60s' },
      seed: { type: 'string' },
      orders: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  }).values;
}

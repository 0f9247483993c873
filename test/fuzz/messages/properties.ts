import type { Random } from '../../../dev/random';
import { uuidOf } from '../values/good';
import type { OddValues } from '../values/odd';

/** AMQP properties, in the words of amqplib. */
export interface Properties {
  messageId?: string;
  contentType?: string;
  contentEncoding?: string;
  correlationId?: string;
  headers: Record<string, unknown>;
  [name: string]: unknown;
}

const plainEncodings = ['utf-8', 'UTF8', 'identity', 'us-ascii', ''];
const otherEncodings = ['gzip', 'br', 'base64', 'x', 'utf-16', '\0'];

export function goodProperties(type: string, random: Random): Properties {
  return {
    messageId: uuidOf(random),
    type,
    timestamp: 1_700_000_000 + random.int(0, 1e8),
    appId: 'fuzz',
    contentType: 'application/json',
    headers: {},
  };
}

type Oddity = (properties: Properties, random: Random, odd: OddValues) => void;

const oddities: Oddity[] = [
  (properties) => void delete properties.messageId,
  (properties, random) => {
    properties.messageId = random.pick(['', 'a\0b', '\uFFFD', 'x\uFFFDy']);
  },
  (properties, random) => void (properties.contentEncoding = random.pick(otherEncodings)),
  (properties, random) => void (properties.contentEncoding = random.pick(plainEncodings)),
  (properties, random, odd) => void (properties.messageId = shortText(random, odd) || 'id'),
  (properties, random) => void (properties.contentType = random.pick(['', 'text/plain', 'x'])),
  (properties, random, odd) => void (properties.type = shortText(random, odd)),
  (properties, random, odd) => void (properties.appId = shortText(random, odd)),
  (properties, random) => void (properties.timestamp = random.pick([0, 1, 2 ** 50, 2 ** 53])),
  (properties, random) => void (properties.priority = random.pick([0, 5, 255])),
  (properties) => void (properties.persistent = false),
  (properties, random, odd) => {
    const names = ['traceparent', 'x-attempt', 'x-first-failed-at', 'x-error-code', 'x-first-try'];
    properties.headers[random.pick(names)] = headerOf(random, odd);
  },
  (properties, random, odd) => {
    properties.headers[`x-${shortText(random, odd)}`] = headerOf(random, odd);
  },
  (properties, random) => {
    // The client has 64 KiB for all headers together.
    properties.headers['x-big'] = 'x'.repeat(random.pick([1_000, 30_000, 50_000, 55_000]));
  },
  (properties) => {
    properties.headers['x-deadline'] = 1;
  },
];

/** One or two made odd. */
export function makeOdd(properties: Properties, random: Random, odd: OddValues): void {
  for (let left = random.int(1, 2); left > 0; left -= 1) {
    random.pick(oddities)(properties, random, odd);
  }
}

/** Whether its reader may look into it; a question needs no id. */
export function isReadable(
  { messageId, contentEncoding = '' }: Properties,
  isQuestion: boolean,
): boolean {
  if (!plainEncodings.includes(contentEncoding)) return false;
  return isQuestion || (messageId !== undefined && !/^$|[\0\uFFFD]/.test(messageId));
}

function shortText(random: Random, odd: OddValues): string {
  // A client of this kind sends UTF-8 alone, in 255 bytes.
  return odd
    .text(random)
    .slice(0, 60)
    .replace(/[\uFFFD\p{Surrogate}]/gu, '');
}

function headerOf(random: Random, odd: OddValues): unknown {
  return random.pick<() => unknown>([
    () => odd.text(random).slice(0, 2_000),
    () => random.pick([-1, 0, 1, 7, 1e9, 1.5, true, false]),
    () => Buffer.from([0, 0xff, random.int(0, 255)]),
    () => ({ a: { b: [1, 'c', { d: true }] } }),
    () => [[[]], {}],
  ])();
}

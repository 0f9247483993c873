import type { Random } from '../../../dev/random';
import type { OddValues } from '../values/odd';

/** A name and a value: one name may be there twice. */
export type Header = [name: string, value: string];

const types = [
  'text/plain',
  'application/xml',
  'application/json; charset=utf-16',
  'application/json; charset="utf-8"',
  'application/problem+json',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/json;;;',
  '',
  '*/*',
];
const encodings = ['gzip', 'br', 'identity', 'deflate, gzip', 'x', ''];

type Oddity = (headers: Header[], random: Random, odd: OddValues) => void;

const oddities: Oddity[] = [
  (headers, random) => replace(headers, 'content-type', random.pick(types)),
  (headers, random) => replace(headers, 'content-encoding', random.pick(encodings)),
  (headers, random) => replace(headers, 'accept', random.pick([...types, 'text/event-stream;q=2'])),
  (headers, random, odd) => replace(headers, 'idempotency-key', visible(odd.text(random))),
  (headers, random, odd) => replace(headers, 'last-event-id', visible(odd.text(random))),
  (headers, random, odd) => replace(headers, 'x-operator', visible(odd.text(random))),
  (headers, random, odd) => replace(headers, 'traceparent', visible(odd.text(random))),
  (headers) => replace(headers, 'traceparent', `00-${'0'.repeat(32)}-${'0'.repeat(16)}-01`),
  (headers, random, odd) => replace(headers, 'cookie', visible(odd.text(random))),
  (headers, random) => replace(headers, 'x-big', 'x'.repeat(random.pick([4_000, 9_000, 40_000]))),
  (headers, random) => {
    for (let left = random.pick([50, 500, 2_100]); left > 0; left -= 1) headers.push(['x-n', '1']);
  },
  (headers, random) => replace(headers, 'x-forwarded-for', random.pick(['::1', 'a,b', '-1'])),
  (headers, random) => replace(headers, 'expect', random.pick(['100-continue', 'x'])),
  (headers, random) => replace(headers, 'connection', random.pick(['close', 'x', 'te'])),
  (headers) => replace(headers, 'origin', 'https://elsewhere.example'),
  (headers) => headers.push(['host', 'elsewhere.example']),
  (headers) => replace(headers, 'host', ''),
  (headers) => replace(headers, 'upgrade', 'websocket'),
  (headers) => replace(headers, 'range', 'bytes=0-1,-1'),
  (headers) => replace(headers, 'if-none-match', '*'),
  (headers) => replace(headers, 'webhook-timestamp', '99999999999999999999'),
  (headers) => replace(headers, 'webhook-signature', 'v1,AAAA v1, v2,x'),
];

/** One to three of them made odd; still HTTP. */
export function makeOdd(headers: Header[], random: Random, odd: OddValues): void {
  for (let left = random.int(1, 3); left > 0; left -= 1)
    random.pick(oddities)(headers, random, odd);
}

function replace(headers: Header[], name: string, value: string): void {
  const at = headers.findIndex(([one]) => one === name);
  if (at < 0) headers.push([name, value]);
  else headers[at] = [name, value];
}

/** What a header can hold: Latin-1 without control characters. */
function visible(text: string): string {
  return text.replace(/[^\x20-\x7e\x80-\xff]/g, '?').slice(0, 3_000);
}

export function bytesOf(line: string, headers: readonly Header[], body?: Buffer): Buffer {
  const lines = [line, ...headers.map(([name, value]) => `${name}: ${value}`)];
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
  return body ? Buffer.concat([head, body]) : head;
}

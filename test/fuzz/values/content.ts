import { gzipSync } from 'node:zlib';
import type { Random } from '../../../dev/random';

const bytesMax = 100_000;

type Damage = (text: string, random: Random) => string | Buffer;

const damages: Damage[] = [
  (text, random) => text.slice(0, random.int(0, text.length)),
  (text, random) => text + random.pick([',', '}', '\0', 'x', '{}', '\u2028']),
  (text) => `\uFEFF${text}`,
  (text) => Buffer.from(text, 'utf16le'),
  (text) => gzipSync(text),
  (text) => text.replace('}', ',}'),
  (text) => text.replace(/\d+/, '1e400'),
  (text) => text.replace(/\d+/, '0x10'),
  (text) => text.replace(/\d+/, '-0'),
  (text) => text.replace(/\d+/, '9'.repeat(400)),
  (text) => text.replace(/"(?=[,}\]])/, String.raw`\u0000"`),
  (text) => text.replace(/"(?=[,}\]])/, String.raw`\ud800"`),
  (text) => text.replace(/"(?=[,}\]])/, String.raw`\u00e9"`),
  (text) => text.replaceAll('"', "'"),
  (text) => text.replace('{', '{"__proto__":{"a":1},'),
  (text) => text.replace(/^\{("[^"]*":)/, '{$1null,$1'),
  (text) => `${' '.repeat(2_000)}${text}\n\n`,
  (text) => `/* */${text}`,
  (text, random) => withByte(Buffer.from(text), random),
  () => '',
  () => 'null',
  () => '[]',
  () => '{}',
  () => '"text"',
  () => 'NaN',
  () => '['.repeat(50_000),
  () => '{"a":'.repeat(15_000),
  (_, random) => Buffer.from(Array.from({ length: 40 }, () => random.int(0, 255))),
];

/** As JSON, and with `damage` perhaps not quite. */
export function contentOf(value: unknown, random: Random, damage = 0.12): Buffer {
  // Of undefined there is no JSON.
  const text = JSON.stringify(value) ?? '';
  const content = random.chance(damage) ? random.pick(damages)(text, random) : text;
  return Buffer.from(content as string).subarray(0, bytesMax);
}

/** One that no UTF-8 has. */
function withByte(content: Buffer, random: Random): Buffer {
  const at = random.int(0, content.length);
  const byte = Buffer.from([random.pick([0xff, 0xc0, 0x80])]);
  return Buffer.concat([content.subarray(0, at), byte, content.subarray(at)]);
}

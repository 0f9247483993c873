import type { Random } from '../../../dev/random';
import { bytesOf, type Header } from './head';

const chunked: Header = ['transfer-encoding', 'chunked'];

/** What is no HTTP, or breaks off: the server may answer or hang up, and not wait for ever. */
export function brokenBytes(line: string, headers: Header[], random: Random): Buffer {
  const lengthless = headers.filter(([name]) => name !== 'content-length');
  const of = (...more: Header[]) => [...lengthless, ...more];
  const text = (body: string) => Buffer.from(body, 'latin1');
  const length = (value: string, body = '{}') => {
    return bytesOf(line, of(['content-length', value]), text(body));
  };
  const chunks = (body: string) => bytesOf(line, of(chunked), text(body));
  return random.pick<() => Buffer>([
    () => length('500'),
    () => length('-1'),
    () => length('+2'),
    () => length('0x2'),
    () => length('2, 2'),
    () => length('9'.repeat(30)),
    () => bytesOf(line, of(['content-length', '2'], ['content-length', '3']), text('{}x')),
    () => bytesOf(line, of(['content-length', '2'], chunked), text('2\r\n{}\r\n0\r\n\r\n')),
    () => bytesOf(line, of(['transfer-encoding', 'gzip, chunked, x']), text('{}')),
    () => chunks('2\r\n{}\r\n'),
    () => chunks('zz\r\n{}\r\n0\r\n\r\n'),
    () => chunks('-2\r\n{}\r\n0\r\n\r\n'),
    () => chunks('ffffffffffffffff\r\n{}'),
    () => chunks(`2;${'x'.repeat(20_000)}\r\n{}\r\n0\r\n\r\n`),
    () => chunks(`2\r\n{}\r\n0\r\n${'x: y\r\n'.repeat(3_000)}\r\n`),
    () =>
      bytesOf(line.replace('HTTP/1.1', random.pick(['HTTP/9.9', 'HTTP/0.9', 'X', ''])), headers),
    () =>
      bytesOf(line.replace(/^\w+/, random.pick(['', 'g\0t', 'G T', 'PRI', 'CONNECT'])), headers),
    () => bytesOf(line, [...headers, ['x-nul', 'a\0b']]),
    () => bytesOf(line, [...headers, ['x\ny', '1']]),
    () => bytesOf(line, [...headers, [' folded', '1']]),
    () => text(bytesOf(line, headers).toString('latin1').replaceAll('\r\n', '\n')),
    () => bytesOf(line, headers).subarray(0, random.int(1, 60)),
    () => bytesOf(`GET /${'x'.repeat(20_000)} HTTP/1.1`, headers),
    () => text('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
    () => Buffer.from('16030100a5010000a10303', 'hex'),
    () => Buffer.from(Array.from({ length: random.int(1, 300) }, () => random.int(0, 255))),
  ])();
}

import type { Response } from 'undici';

/** @throws when the body is longer than `bytesMax`; no more of it is read then */
export async function boundedText({ body }: Response, bytesMax: number): Promise<string> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of body ?? []) {
    const part = piece as Uint8Array;
    bytes += part.byteLength;
    if (bytes > bytesMax) throw new Error(`an answer of more than ${bytesMax} bytes`);
    pieces.push(part);
  }
  return Buffer.concat(pieces).toString('utf8');
}

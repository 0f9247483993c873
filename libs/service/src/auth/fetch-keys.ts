import type { JSONWebKeySet } from 'jose';
import { fetch, type Response } from 'undici';

const timeoutMs = 5_000;
/** A set of ten RSA keys with their certificates is some 30 kB. */
const bytesMax = 262_144;
const keysMax = 100;

/** Bounded in time and size; no redirect is followed. @throws what went wrong */
export async function fetchKeys(url: string): Promise<JSONWebKeySet> {
  const response = await fetch(url, {
    headers: { accept: 'application/jwk-set+json, application/json' },
    redirect: 'error',
    signal: AbortSignal.timeout(timeoutMs),
  });
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new Error(`it answered ${response.status}`);
  }
  const value: unknown = JSON.parse(await textOf(response));
  if (!isKeySet(value)) throw new Error('it answered what is no key set');
  return value;
}

async function textOf(response: Response): Promise<string> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of response.body ?? []) {
    const part = piece as Uint8Array;
    bytes += part.byteLength;
    if (bytes > bytesMax) throw new Error(`it answered more than ${bytesMax} bytes`);
    pieces.push(part);
  }
  return Buffer.concat(pieces).toString('utf8');
}

function isKeySet(value: unknown): value is JSONWebKeySet {
  const keys = (value as { keys?: unknown } | null)?.keys;
  return (
    Array.isArray(keys) &&
    keys.length <= keysMax &&
    keys.every((key) => typeof key === 'object' && key !== null)
  );
}

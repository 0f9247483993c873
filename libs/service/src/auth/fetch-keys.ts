import type { JSONWebKeySet } from 'jose';
import { fetch } from 'undici';
import { boundedText } from '../http/bounded-text';

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
  const value: unknown = JSON.parse(await boundedText(response, bytesMax));
  if (!isKeySet(value)) throw new Error('it answered what is no key set');
  return value;
}

function isKeySet(value: unknown): value is JSONWebKeySet {
  const keys = (value as { keys?: unknown } | null)?.keys;
  return (
    Array.isArray(keys) &&
    keys.length <= keysMax &&
    keys.every((key) => typeof key === 'object' && key !== null)
  );
}

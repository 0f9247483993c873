import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { JWK } from 'jose';
import { clientNames, type ClientName } from './clients';
import { issuerUrl, usualPort } from './urls';

/** What the issuer, `npm start` and `npm run token` have in common. */
export interface Issuer {
  /** What it calls itself in its tokens: where it was opened last. */
  url: string;
  /** With their private parts. The first signs; the second is of before the last rotation. */
  keys: JWK[];
  /** Secrets of the development clients. */
  clients: Record<ClientName, string>;
}

export const issuerFile = '.tradepost/issuer.json';
const keysMax = 2;

/** Made when there is none. */
export async function readIssuer(file = issuerFile): Promise<Issuer> {
  const found = await readFile(file, 'utf8').catch(() => undefined);
  if (found !== undefined) return JSON.parse(found) as Issuer;
  const clients = Object.fromEntries(
    clientNames.map((name) => [name, randomBytes(24).toString('base64url')]),
  ) as Issuer['clients'];
  const fresh = await writeBeside(file, {
    url: issuerUrl(usualPort),
    keys: [newKey()],
    clients,
  });
  // Of several that make one at the same time, the first wins: a link replaces no file.
  await link(fresh, file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await rm(fresh);
  return JSON.parse(await readFile(file, 'utf8')) as Issuer;
}

/** Tokens name it so from now on. */
export async function nameIssuer(url: string, file = issuerFile): Promise<void> {
  const issuer = await readIssuer(file);
  if (issuer.url !== url) await rename(await writeBeside(file, { ...issuer, url }), file);
}

/** A new key signs from now on. @returns its id */
export async function rotateKeys(file = issuerFile): Promise<string> {
  const issuer = await readIssuer(file);
  const key = newKey();
  const keys = [key, ...issuer.keys].slice(0, keysMax);
  await rename(await writeBeside(file, { ...issuer, keys }), file);
  return key.kid;
}

/** What the world may know. */
export function publicKeys({ keys }: Issuer): { keys: JWK[] } {
  return {
    keys: keys.map(({ kty, crv, x, y, kid, use, alg }) => ({ kty, crv, x, y, kid, use, alg })),
  };
}

function newKey(): JWK & { kid: string } {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const kid = randomBytes(8).toString('hex');
  return { ...(privateKey.export({ format: 'jwk' }) as JWK), kid, use: 'sig', alg: 'ES256' };
}

/** Whole, before it takes the file's place. @returns where */
async function writeBeside(file: string, issuer: Issuer): Promise<string> {
  await mkdir(dirname(file), { recursive: true });
  const fresh = `${file}.${randomUUID()}`;
  await writeFile(fresh, JSON.stringify(issuer, null, 2), { mode: 0o600, flag: 'wx' });
  return fresh;
}

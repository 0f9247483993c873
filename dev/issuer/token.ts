import { randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import type { Issuer } from './keys';

export interface Claims {
  subject: string;
  scope: string;
  /** The token is this customer's. */
  customerId?: string;
  lifeSeconds: number;
}

/** Whom tokens are for. */
export const audience = 'tradepost';

/** A signed JWT. */
export async function tokenOf({ url, keys }: Issuer, claims: Claims): Promise<string> {
  const [key] = keys;
  if (key === undefined) throw new Error('the issuer has no key');
  const { subject, scope, customerId, lifeSeconds } = claims;
  const iat = Math.floor(Date.now() / 1_000);
  return new SignJWT({ scope, ...(customerId !== undefined && { customer_id: customerId }) })
    .setProtectedHeader({ alg: 'ES256', typ: 'JWT', kid: key.kid })
    .setIssuer(url)
    .setSubject(subject)
    .setAudience(audience)
    .setIssuedAt(iat)
    .setExpirationTime(iat + lifeSeconds)
    .setJti(randomUUID())
    .sign(key);
}

import {
  type CryptoKey,
  exportJWK,
  generateKeyPair,
  type JWK,
  type JWTPayload,
  SignJWT,
} from 'jose';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The settings of a service that trusts an issuer. */
export interface TokenSettings extends Record<string, string> {
  AUTH: 'jwt';
  AUTH_JWKS_URL: string;
  AUTH_ISSUER: string;
  AUTH_AUDIENCE: string;
}

interface Key {
  kid: string;
  alg: string;
  privateKey: CryptoKey;
  jwk: JWK;
}

interface Header {
  kid?: string;
  [name: string]: unknown;
}

const audience = 'tradepost';

/** An issuer of tokens, good and bad, that counts who asks for its keys. */
export class TokenIssuer {
  /** How often its keys were asked for. */
  asked = 0;
  /** What it answers instead of its keys. */
  fails?: number;
  keys: Key[] = [];
  private made = 0;

  private constructor(private readonly server: Server) {}

  static async open(): Promise<TokenIssuer> {
    const server = createServer((_, response) => {
      issuer.asked += 1;
      response.writeHead(issuer.fails ?? 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ keys: issuer.keys.map(({ jwk }) => jwk) }));
    });
    const issuer = new TokenIssuer(server);
    await issuer.rotate();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return issuer;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get settings(): TokenSettings {
    const { url } = this;
    return {
      AUTH: 'jwt',
      AUTH_JWKS_URL: `${url}/keys`,
      AUTH_ISSUER: url,
      AUTH_AUDIENCE: audience,
    };
  }

  /** The key that signs. */
  get key(): Key {
    const key = this.keys.at(-1);
    if (!key) throw new Error('it has no key');
    return key;
  }

  /** A new key signs from now on. @param keep the old ones stay good */
  async rotate({ keep = true, alg = 'ES256' } = {}): Promise<void> {
    this.made += 1;
    const kid = `key-${this.made}`;
    const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
    const jwk = { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' };
    this.keys = [...(keep ? this.keys : []), { kid, alg, privateKey, jwk }];
  }

  /** Of caller `tester`, good for a minute; a claim that is `undefined` is left out. */
  async token(claims: JWTPayload = {}, header: Header = {}): Promise<string> {
    const now = Math.floor(Date.now() / 1_000);
    const all = { iss: this.url, aud: audience, sub: 'tester', iat: now, exp: now + 60, ...claims };
    const { privateKey, kid, alg } = this.key;
    return new SignJWT(all).setProtectedHeader({ alg, kid, ...header }).sign(privateKey);
  }

  async bearer(claims?: JWTPayload): Promise<{ authorization: string }> {
    return { authorization: `Bearer ${await this.token(claims)}` };
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

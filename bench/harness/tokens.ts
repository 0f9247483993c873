import { join } from 'node:path';
import { readIssuer } from '../../dev/issuer/keys';
import { IssuerServer } from '../../dev/issuer/server';
import { audience, tokenOf, type Claims } from '../../dev/issuer/token';
import { jwksUrl } from '../../dev/issuer/urls';

const lifeSeconds = 3_600;

/** A development issuer of the benchmark's own. */
export class Tokens {
  private constructor(
    private readonly server: IssuerServer,
    private readonly file: string,
  ) {}

  static async open(folder: string): Promise<Tokens> {
    const file = join(folder, 'issuer.json');
    return new Tokens(await IssuerServer.open(0, file), file);
  }

  /** Of a service that trusts it. */
  get settings(): Record<string, string> {
    const { url } = this.server;
    return {
      AUTH: 'jwt',
      AUTH_JWKS_URL: jwksUrl(url),
      AUTH_ISSUER: url,
      AUTH_AUDIENCE: audience,
    };
  }

  /** One that outlives the run. */
  async of(claims: Omit<Claims, 'lifeSeconds'>): Promise<string> {
    return tokenOf(await readIssuer(this.file), { ...claims, lifeSeconds });
  }

  async close(): Promise<void> {
    await this.server.close();
  }
}

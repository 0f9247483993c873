import { Logger } from '@nestjs/common';
import { createLocalJWKSet, type CryptoKey, errors, type JWTHeaderParameters } from 'jose';
import { keysUnavailable } from './auth-problems';
import { fetchKeys } from './fetch-keys';

/** Keys are read again after so long, beside the requests: a withdrawn one ends by then. */
const freshMs = 600_000;
/** Without an answer they count for so long: an issuer's outage stops no shop. */
const staleMaxMs = 3_600_000;

/** After a failure: an issuer that comes back is noticed soon, and one that is down not flooded. */
const againMs = 1_000;

type KeySet = ReturnType<typeof createLocalJWKSet>;

/**
 * The public keys of the issuer. A key id that is not among them has them read again, at most once
 * in an interval, however many requests name one: so keys rotate, and nobody can have us flood
 * the issuer. jose's own remote set keeps neither keys nor interval when the issuer fails.
 */
export class IssuerKeys {
  private readonly log = new Logger(IssuerKeys.name);
  private keys?: KeySet;
  private readAtMs = -Infinity;
  private triedAtMs = -Infinity;
  private failed = false;
  private reading?: Promise<void>;

  /** @param intervalMs between two fetches, at least; after one that failed a second is enough */
  constructor(
    private readonly url: string,
    private readonly intervalMs: number,
  ) {}

  /**
   * The key that a token names.
   * @throws Problem 503 (the issuer does not answer), JWKSNoMatchingKey and its like
   */
  async keyFor(header: JWTHeaderParameters): Promise<CryptoKey> {
    const ageMs = performance.now() - this.readAtMs;
    if (this.keys && ageMs > staleMaxMs) this.keys = undefined;
    if (!this.keys) await this.read();
    else if (ageMs > freshMs) void this.read();
    try {
      return await this.find(header);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      await this.read();
      // What is new may be among keys that we could not read.
      if (this.failed) throw keysUnavailable();
      return this.find(header);
    }
  }

  private async find(header: JWTHeaderParameters): Promise<CryptoKey> {
    if (!this.keys) throw keysUnavailable();
    return this.keys(header, { payload: '', signature: '' });
  }

  /** One at a time, and none in the interval after the last. */
  private async read(): Promise<void> {
    const now = performance.now();
    const wait = this.failed ? Math.min(againMs, this.intervalMs) : this.intervalMs;
    if (!this.reading && now - this.triedAtMs >= wait) {
      this.triedAtMs = now;
      this.reading = this.readNow().finally(() => (this.reading = undefined));
    }
    await this.reading;
  }

  private async readNow(): Promise<void> {
    try {
      this.keys = createLocalJWKSet(await fetchKeys(this.url));
      this.readAtMs = performance.now();
      this.failed = false;
    } catch (error) {
      this.failed = true;
      const { message, cause } = error as Error;
      const reason = cause instanceof Error ? `${message}: ${cause.message}` : message;
      this.log.error('issuer keys not read', { url: this.url, error: reason });
    }
  }
}

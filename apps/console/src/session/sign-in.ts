import { Injectable } from '@nestjs/common';
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { ConsoleConfig } from '../console.config';

const name = 'tradepost_console';
/** Longer than a night on call. */
const validMs = 12 * 3_600_000;

/**
 * The ops token is asked for once: a cookie then says until when it counts, signed with a key made
 * of that token. Nothing is kept here: a restart signs nobody out, and a new token everybody.
 */
@Injectable()
export class SignIn {
  private readonly token: string | undefined;
  readonly isOpen: boolean;

  constructor({ OPS_TOKEN, CONSOLE_OPEN }: ConsoleConfig) {
    this.token = OPS_TOKEN;
    this.isOpen = CONSOLE_OPEN;
  }

  isToken(given: string): boolean {
    return this.token !== undefined && isSame(given, this.token);
  }

  admits(cookies: string | undefined, now = Date.now()): boolean {
    if (this.isOpen) return true;
    const value = valueIn(cookies);
    const [until = '', signature = ''] = value?.split('.') ?? [];
    return isSame(signature, this.signatureOf(until)) && Number(until) > now;
  }

  /** The header of an answer that signs in. */
  cookie(isSecure: boolean, now = Date.now()): string {
    const until = String(now + validMs);
    const value = `${until}.${this.signatureOf(until)}`;
    const secure = isSecure ? '; Secure' : '';
    const seconds = validMs / 1_000;
    return `${name}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Strict${secure}`;
  }

  private signatureOf(until: string): string {
    const key = createHash('sha256').update(`console ${this.token}`).digest();
    return createHmac('sha256', key).update(until).digest('base64url');
  }
}

function valueIn(cookies = ''): string | undefined {
  const [, value] = new RegExp(String.raw`(?:^|;\s*)${name}=([\w.-]+)`).exec(cookies) ?? [];
  return value;
}

// Digests are of one length, so that the time it takes says nothing of the secret.
function isSame(given: string, secret: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(secret));
}

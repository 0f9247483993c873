import { Webhook } from 'standardwebhooks';
import { current } from '../config/read-config';

/**
 * The keys that a variable says, as it is now: one, or two with a space between while one takes the
 * place of the other.
 */
export function keysOf<Config extends object>(
  config: Config,
  name: keyof Config & string,
): () => string[] {
  const text = current(config, name);
  return () => text().split(/\s+/);
}

/** By each key: a receiver looks for one that it knows. */
export function signatureBy(keys: string[], id: string, at: Date, body: string): string {
  return keys.map((key) => new Webhook(key).sign(id, at, body)).join(' ');
}

/** @throws Error when no key signed it, or it is more than five minutes old */
export function verifyByAny(keys: string[], raw: string, headers: Record<string, string>): void {
  let failure: unknown = new Error('there is no key');
  for (const key of keys) {
    const webhook = new Webhook(key);
    try {
      webhook.verify(raw, headers, { jsonParse: false });
      return;
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

import { ClientToken, type ClientCredentials } from './client-token';

/** Gives a token for the next request. */
export type TokenSource = () => Promise<string>;

const names = ['AUTH_TOKEN_URL', 'AUTH_CLIENT_ID', 'AUTH_CLIENT_SECRET'] as const;

/**
 * A command's token by its environment: AUTH_TOKEN as it is, or client credentials; else those of
 * the shop that runs here.
 * @returns undefined when nothing is said: the shop has AUTH=none @throws for a part of credentials
 */
export function tokenSourceOf(
  env: Readonly<Record<string, string | undefined>>,
  running?: ClientCredentials,
): TokenSource | undefined {
  const ready = env.AUTH_TOKEN?.trim();
  if (ready) return () => Promise.resolve(ready);
  const [tokenUrl, clientId, clientSecret] = names.map((name) => env[name]?.trim() ?? '');
  const missing = names.filter((name) => !env[name]?.trim());
  if (missing.length === names.length) return running && sourceOf(running);
  if (missing.length > 0) throw new Error(`${missing.join(' and ')} must be set too`);
  return sourceOf({ tokenUrl, clientId, clientSecret } as ClientCredentials);
}

function sourceOf(credentials: ClientCredentials): TokenSource {
  const token = new ClientToken(credentials);
  return () => token.get();
}

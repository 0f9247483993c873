import { type Environment, readVariable } from '../config/variable';
import { ClientToken, type ClientCredentials } from './client-token';

/** Gives a token for the next request. */
export type TokenSource = () => Promise<string>;

const names = ['AUTH_TOKEN_URL', 'AUTH_CLIENT_ID', 'AUTH_CLIENT_SECRET'] as const;

/**
 * A command's token by its environment: AUTH_TOKEN as it is, or client credentials; else those of
 * the shop that runs here.
 * Each of them may be in the file that `X_FILE` names.
 * @returns undefined when nothing is said: the shop has AUTH=none @throws for a part of credentials
 */
export function tokenSourceOf(
  environment: Environment,
  running?: ClientCredentials,
): TokenSource | undefined {
  const ready = readVariable(environment, 'AUTH_TOKEN').text;
  if (ready) return fixedToken(ready);
  const texts = names.map((name) => readVariable(environment, name).text);
  const missing = names.filter((_, at) => texts[at] === '');
  if (missing.length === names.length) return running && sourceOf(running);
  if (missing.length > 0) throw new Error(`${missing.join(' and ')} must be set too`);
  const [tokenUrl, clientId, clientSecret] = texts;
  return sourceOf({ tokenUrl, clientId, clientSecret } as ClientCredentials);
}

/** One that does not change. */
export function fixedToken(token: string): TokenSource {
  return () => Promise.resolve(token);
}

function sourceOf(credentials: ClientCredentials): TokenSource {
  const token = new ClientToken(credentials);
  return () => token.get();
}

import { randomBytes } from 'node:crypto';
import { window, type AppName } from '../../apps/services';
import type { State } from '../../ops/shop/state';

/** Whom a start lets in. */
export interface Access {
  /** What that app is told. */
  settingsOf(app: AppName): Record<string, string>;
  /** What commands are told. */
  readonly state: Pick<State, 'opsToken' | 'credentials'>;
  /** Of an operator; undefined: only others know. */
  token(): Promise<string | undefined>;
  /** Of customer 1, for what is printed; undefined: none is needed, or only others know. */
  customerToken(): Promise<string | undefined>;
  close(): Promise<void>;
}

/**
 * Everyone, or with AUTH=jwt who has a token: of the issuer that the environment names, or of one
 * of this start.
 * @throws when AUTH is something else, or the issuer's port is taken
 */
export async function openAccess(env: NodeJS.ProcessEnv): Promise<Access> {
  const auth = env.AUTH || 'none';
  if (auth === 'none') return openToAll(env.OPS_TOKEN?.trim());
  if (auth !== 'jwt') throw new Error(`AUTH is "${auth}"; it is none or jwt`);
  if (env.AUTH_JWKS_URL) return byOthers;
  // Loads what signs, which nobody else needs.
  const { openOwnIssuer } = await import('./own-issuer');
  return openOwnIssuer(env);
}

const nobody = () => Promise.resolve(undefined);

/** Nobody but this machine reaches it, so that nobody needs a token. */
function openToAll(given: string | undefined): Access {
  const opsToken = given || randomBytes(24).toString('hex');
  const settings = { AUTH: 'none', OPS_TOKEN: opsToken };
  return {
    settingsOf: (app) => (app === window ? { ...settings, CONSOLE_OPEN: 'true' } : settings),
    state: { opsToken },
    token: () => Promise.resolve(opsToken),
    customerToken: nobody,
    close: () => Promise.resolve(),
  };
}

/** Services have all of it from the same environment. */
const byOthers: Access = {
  settingsOf: () => ({ AUTH: 'jwt', OPS_TOKEN: '' }),
  state: {},
  token: nobody,
  customerToken: nobody,
  close: () => Promise.resolve(),
};

import { ClientToken, type ClientCredentials } from '@tradepost/service';
import { window } from '../../apps/services';
import type { ClientName } from '../issuer/clients';
import { readIssuer, type Issuer } from '../issuer/keys';
import { IssuerServer } from '../issuer/server';
import { audience, tokenOf } from '../issuer/token';
import { issuerPort, jwksUrl, tokenUrl } from '../issuer/urls';
import { isFree } from '../local/ports';
import type { Access } from './access';

/** Lets in who has a token of the development issuer, which runs as long as the start does. */
export async function openOwnIssuer(env: NodeJS.ProcessEnv): Promise<Access> {
  const port = issuerPort(env);
  if (!(await isFree(port))) {
    throw new Error(`Port ${port} (issuer) is taken; choose another: PORT_ISSUER=${port + 1000}`);
  }
  const server = await IssuerServer.open(port);
  const issuer = await readIssuer();
  const settings = {
    AUTH: 'jwt',
    AUTH_JWKS_URL: jwksUrl(server.url),
    AUTH_ISSUER: server.url,
    AUTH_AUDIENCE: audience,
    OPS_TOKEN: '',
    // Who tries how fast it is here is one caller.
    RATE_LIMIT_PER_MINUTE: env.RATE_LIMIT_PER_MINUTE || '1000000',
  };
  const credentials = credentialsOf(issuer, 'commands');
  const client = new ClientToken(credentials);
  return {
    settingsOf: (app) => ({ ...settings, ...(app === window && clientSettings(issuer)) }),
    state: { credentials },
    token: () => client.get(),
    customerToken: async () =>
      tokenOf(await readIssuer(), {
        subject: 'customer-1',
        scope: 'orders:write orders:read',
        customerId: '1',
        lifeSeconds: 3_600,
      }),
    close: () => server.close(),
  };
}

function credentialsOf({ url, clients }: Issuer, clientId: ClientName): ClientCredentials {
  return { tokenUrl: tokenUrl(url), clientId, clientSecret: clients[clientId] };
}

function clientSettings(issuer: Issuer): Record<string, string> {
  const { tokenUrl: url, clientId, clientSecret } = credentialsOf(issuer, 'console');
  return { AUTH_TOKEN_URL: url, AUTH_CLIENT_ID: clientId, AUTH_CLIENT_SECRET: clientSecret };
}

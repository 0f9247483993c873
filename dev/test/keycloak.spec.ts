import { scopes } from '@tradepost/service';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { clients } from '../issuer/clients';
import { audience } from '../issuer/token';

interface Mapper {
  protocolMapper: string;
  config: Record<string, string>;
}

interface Client {
  clientId: string;
  secret: string;
  publicClient: boolean;
  serviceAccountsEnabled: boolean;
  standardFlowEnabled: boolean;
  directAccessGrantsEnabled: boolean;
  fullScopeAllowed: boolean;
  defaultClientScopes: string[];
  optionalClientScopes: string[];
  protocolMappers?: Mapper[];
}

interface Realm {
  realm: string;
  clientScopes: {
    name: string;
    attributes: Record<string, string>;
    protocolMappers?: Mapper[];
  }[];
  clients: Client[];
}

const realm = JSON.parse(readFileSync('deploy/auth/realm.json', 'utf8')) as Realm;
const compose = parse(readFileSync('docker-compose.yml', 'utf8'), { merge: true }) as {
  services: { keycloak: { environment: Record<string, string>; volumes: string[] } };
};
const [common, ...others] = realm.clientScopes;

describe('the realm of Keycloak', () => {
  it('has the scopes of the code, and tokens name them', () => {
    expect(others.map(({ name }) => name).sort()).toEqual([...scopes].sort());
    for (const { name, attributes, protocolMappers = [] } of others) {
      expect([name, attributes, protocolMappers]).toEqual([
        name,
        { 'include.in.token.scope': 'true' },
        [],
      ]);
    }
  });

  it('says in each token for whom and whose it is', () => {
    expect(common?.name).toBe('tradepost');
    expect(common?.attributes).toEqual({ 'include.in.token.scope': 'false' });
    const mappers = common?.protocolMappers?.map(
      ({ protocolMapper, config }) => [protocolMapper, config] as const,
    );
    expect(Object.fromEntries(mappers ?? [])).toEqual({
      'oidc-audience-mapper': {
        'access.token.claim': 'true',
        'included.custom.audience': audience,
      },
      'oidc-sub-mapper': { 'access.token.claim': 'true' },
    });
  });

  it('gives the clients what the development issuer gives them, and a customer theirs', () => {
    const given = realm.clients.map(({ clientId, defaultClientScopes }) => [
      clientId,
      defaultClientScopes,
    ]);
    const wanted = Object.entries(clients).map(([name, may]) => [name, ['tradepost', ...may]]);
    expect(given).toEqual([
      ...wanted,
      ['customer-1', ['tradepost', 'orders:write', 'orders:read']],
    ]);
  });

  it('makes of one client alone a customer', () => {
    const claims = realm.clients.flatMap(({ clientId, protocolMappers = [] }) =>
      protocolMappers.map(({ config }) => [clientId, config['claim.name'], config['claim.value']]),
    );
    expect(claims).toEqual([['customer-1', 'customer_id', '1']]);
  });

  it.each(realm.clients)(
    'lets $clientId get tokens by its secret and in no other way',
    (client) => {
      expect(client).toMatchObject({
        publicClient: false,
        serviceAccountsEnabled: true,
        standardFlowEnabled: false,
        directAccessGrantsEnabled: false,
        fullScopeAllowed: false,
        optionalClientScopes: [],
      });
      const [, variable = ''] = /^\$\{([A-Z_]+)\}$/.exec(client.secret) ?? [];
      expect(compose.services.keycloak.environment[variable]).toContain(`\${${variable}:-`);
    },
  );

  it('is read by the profile auth', () => {
    const [realmFile] = compose.services.keycloak.volumes;
    expect(realmFile).toBe('./deploy/auth/realm.json:/opt/keycloak/data/import/realm.json:ro');
  });
});

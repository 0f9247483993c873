import { TestBroker } from '@tradepost/messaging/testing';
import { createService } from '@tradepost/service';
import { createTestDatabase, openToAll } from '@tradepost/test-kit';
import { readFileSync } from 'node:fs';
import { apps } from '../../../apps/services';
import { documented } from '../openapi/documents';

interface Route {
  method: string | string[];
  url: string;
}

/** What Fastify serves, as OpenAPI writes it. */
async function mountedRoutes(name: (typeof documented)[number]): Promise<string[]> {
  const routes: string[] = [];
  const broker = await TestBroker.create();
  const database = await createTestDatabase(name);
  const env = { AMQP_URL: broker.amqpUrl, POSTGRES_URL: database.serviceUrl };
  const gateway = { GATEWAY: 'sandbox', LOG_LEVEL: 'error' };
  const app = await createService(await apps[name].module(), { ...openToAll, ...env, ...gateway });
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRoute', ({ method, url }: Route) => {
      const methods = [method].flat().filter((one) => one !== 'HEAD');
      routes.push(...methods.map((one) => `${one} ${url.replace(/:(\w+)/g, '{$1}')}`));
    });
  await app.init();
  await app.close();
  await database.drop();
  await broker.close();
  return [...new Set(routes)].sort();
}

function documentedRoutes(name: string): string[] {
  const { paths } = JSON.parse(readFileSync(`docs/openapi/${name}.json`, 'utf8')) as {
    paths: Record<string, object>;
  };
  return Object.entries(paths)
    .flatMap(([path, item]) => Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`))
    .sort();
}

it.each(documented)('the document of %s has what it serves, and nothing else', async (name) => {
  expect(documentedRoutes(name)).toEqual(await mountedRoutes(name));
});

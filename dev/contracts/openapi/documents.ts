import { appNames, apps, window } from '../../../apps/services';
import type { Speaker } from '../speakers';
import { openApiDocument } from './document';
import { Sources } from './sources';

/** The API of the console is for its own page, which comes with it. */
export const documented = appNames.filter((name) => name !== window);

/** The OpenAPI documents of the services, as the files that have them. */
export async function openApiDocuments(
  all: readonly Speaker[],
): Promise<{ file: string; document: object }[]> {
  const sources = new Sources(documented);
  return Promise.all(
    documented.map(async (name) => {
      const { port, module } = apps[name];
      const wirings = all.find((one) => one.name === name)?.wirings ?? [];
      const handler = wirings.find(({ kind }) => kind === 'work' || kind === 'fanout');
      const app = { name, port, module: await module(), handler: handler ?? wirings[0] };
      const document = openApiDocument(app, sources);
      return { file: `docs/openapi/${name}.json`, document };
    }),
  );
}

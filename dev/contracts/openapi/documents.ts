import { appNames, apps, window } from '../../../apps/services';
import { openApiDocument } from './document';
import { Sources } from './sources';

/** The API of the console is for its own page, which comes with it. */
export const documented = appNames.filter((name) => name !== window);

/** The OpenAPI documents of the services, as the files that have them. */
export async function openApiDocuments(): Promise<{ file: string; document: object }[]> {
  const sources = new Sources(documented);
  return Promise.all(
    documented.map(async (name) => {
      const { port, module } = apps[name];
      const document = openApiDocument({ name, port, module: await module() }, sources);
      return { file: `docs/openapi/${name}.json`, document };
    }),
  );
}

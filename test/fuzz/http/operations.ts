import { Documented } from '@tradepost/test-kit';
import { appNames, type AppName } from '../../../apps/services';
import type { Parameter } from '../../../dev/contracts/openapi/requests';
import type { Schema } from '../../../dev/contracts/schema';

/** A route, as the service's OpenAPI document has it. */
export interface Operation {
  service: AppName;
  method: string;
  /** `/v1/orders/{id}` */
  path: string;
  parameters: readonly Parameter[];
  /** Of the body; undefined: it takes none. */
  body?: Schema;
  /** Where the schema is in the document, as a JSON pointer. */
  bodyAt?: string;
  isForOperators: boolean;
  /** That the token needs; undefined: it needs none. */
  scope?: string;
}

export interface Api {
  service: AppName;
  documented: Documented;
  schemas: Record<string, Schema>;
  operations: Operation[];
}

interface Described {
  tags: string[];
  parameters?: Parameter[];
  requestBody?: { content: Record<string, { schema: Schema }> };
  security?: { bearer: string[] }[];
}

const mediaType = 'application/json';

/** Of all that have a document. */
export function apis(): Api[] {
  return appNames.flatMap((service) => {
    const documented = Documented.of(service);
    return documented ? [apiOf(service, documented)] : [];
  });
}

function apiOf(service: AppName, documented: Documented): Api {
  const { paths, components } = documented.document;
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, described]): Operation => {
      const { tags, parameters = [], requestBody, security } = described as unknown as Described;
      const body = requestBody?.content[mediaType]?.schema;
      const at = ['paths', path, method, 'requestBody', 'content', mediaType, 'schema'];
      return {
        service,
        method: method.toUpperCase(),
        path,
        parameters,
        ...(body && { body, bodyAt: at.map(escaped).join('/') }),
        isForOperators: tags.includes('operations'),
        scope: security?.[0]?.bearer[0],
      };
    }),
  );
  const { schemas } = components as unknown as { schemas: Record<string, Schema> };
  return { service, documented, schemas, operations };
}

function escaped(key: string): string {
  return encodeURIComponent(key.replaceAll('~', '~0').replaceAll('/', '~1'));
}

import Ajv2020, { type ValidateFunction } from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './root';

interface Response {
  $ref?: string;
  content?: Record<string, { schema?: object }>;
}

export interface Operation {
  responses: Record<string, Response>;
}

export interface OpenApi {
  paths: Record<string, Record<string, Operation>>;
  components: { responses: Record<string, Response> };
}

/** What a service answered. */
export interface Answer {
  status: number;
  mediaType: string;
  /** Undefined: it is no JSON. */
  body?: unknown;
}

const folder = join(root, 'docs/openapi');

/** A service's OpenAPI document, to hold answers against. */
export class Documented {
  private readonly ajv = addFormats(new Ajv2020({ strict: false, allErrors: true }));
  private readonly checks = new Map<string, ValidateFunction>();
  private readonly routes: { pattern: RegExp; path: string }[];

  constructor(
    private readonly service: string,
    readonly document: OpenApi,
  ) {
    this.ajv.addSchema(closed(document) as object, this.service);
    this.routes = Object.keys(document.paths).map((path) => ({
      path,
      pattern: new RegExp(`^${path.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]+')}/?$`),
    }));
  }

  /** Undefined: it has no document. */
  static of(service: string): Documented | undefined {
    const file = join(folder, `${service}.json`);
    if (!existsSync(file)) return undefined;
    return new Documented(service, JSON.parse(readFileSync(file, 'utf8')) as OpenApi);
  }

  /** @returns what the document does not say of it; undefined: it says it all */
  faultOf(method: string, path: string, answer: Answer): string | undefined {
    const fault = this.find(method, path, answer);
    return fault && `docs/openapi/${this.service}.json: ${method} ${path}: ${fault}`;
  }

  private find(method: string, address: string, answer: Answer): string | undefined {
    const { status, mediaType, body } = answer;
    // `GET /things/undo` may be of `/things/{id}` where only `POST` is of `/things/undo`.
    const paths = this.routes.filter(({ pattern }) => pattern.test(address)).map((one) => one.path);
    const literal = Object.hasOwn(this.document.paths, address) ? [address] : [];
    const operationAt = (at: string) => this.document.paths[at]?.[method.toLowerCase()];
    const path = [...literal, ...paths].find((at) => operationAt(at) !== undefined);
    const operation = path && operationAt(path);
    if (!path || !operation) return isRefusal(status) ? undefined : `${status} is no refusal`;
    const { responses } = operation;
    const code = status in responses ? status : status >= 400 ? 'default' : undefined;
    if (code === undefined) return `no status ${status}`;
    const at = ['paths', path, method.toLowerCase(), 'responses', `${code}`];
    const named = responses[code]?.$ref?.replace('#/', '').split('/');
    const response = this.at(named ?? at) as Response;
    if (!response.content) return mediaType === '' ? undefined : `${status} has no content`;
    if (!(mediaType in response.content)) return `${status} is not ${mediaType || 'empty'}`;
    if (body === undefined || !response.content[mediaType]?.schema) return undefined;
    const pointer = [...(named ?? at), 'content', mediaType, 'schema'];
    return this.judge(pointer, body);
  }

  private judge(pointer: string[], body: unknown): string | undefined {
    const $ref = `${this.service}#/${pointer.map(escaped).join('/')}`;
    let check = this.checks.get($ref);
    if (!check) this.checks.set($ref, (check = this.ajv.compile({ $ref })));
    if (check(body)) return undefined;
    return `${this.ajv.errorsText(check.errors)}: ${JSON.stringify(body).slice(0, 300)}`;
  }

  private at(pointer: string[]): unknown {
    return pointer.reduce<unknown>(
      (value, key) => (value as Record<string, unknown>)[key],
      this.document,
    );
  }
}

/** Where there is no such route. */
function isRefusal(status: number): boolean {
  return status === 404 || status === 405 || status === 400;
}

function escaped(key: string): string {
  return encodeURIComponent(key.replaceAll('~', '~0').replaceAll('/', '~1'));
}

/** Readers take what is new; here a field that no document has is a fault of the document. */
function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, part]) => [key, closed(part)]);
  const isOpen = 'properties' in value && !('$ref' in value) && !('additionalProperties' in value);
  return { ...Object.fromEntries(entries), ...(isOpen && { additionalProperties: false }) };
}

import { Controller, Get, Inject } from '@nestjs/common';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Open } from './auth/route-access';
import { Problem } from './http/problem';

export const ServiceName = Symbol('ServiceName');

/** The HTTP API of this service, as docs/openapi has it. */
@Controller('openapi.json')
@Open('it says how to get in')
export class OpenApiController {
  private document?: Record<string, unknown>;

  constructor(@Inject(ServiceName) private readonly name: string) {}

  /** Read this document. */
  @Get()
  async get(): Promise<Record<string, unknown>> {
    this.document ??= await readDocument(`docs/openapi/${this.name}.json`);
    return this.document;
  }
}

async function readDocument(file: string): Promise<Record<string, unknown>> {
  const path = pathOf(file, __dirname);
  if (path === undefined) throw notWritten(file);
  return JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
}

// From the sources, from dist and in the image it is as many folders further up; what the working
// directory is says nothing.
function pathOf(file: string, folder: string): string | undefined {
  const path = join(folder, file);
  if (existsSync(path)) return path;
  const parent = dirname(folder);
  return parent === folder ? undefined : pathOf(file, parent);
}

function notWritten(file: string): Problem {
  return new Problem({
    status: 404,
    type: 'document-not-found',
    title: 'There is no document of this service',
    detail: `${file} is not there: \`npm run contracts -- write\` writes it`,
  });
}

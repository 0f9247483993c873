import { Injectable } from '@nestjs/common';
import { notFound, Problem } from '@tradepost/service';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MessageDocuments, RouteDocuments } from '../api/documents';
import { Services } from '../upstream/services';
import { messagesOf, type AsyncApi } from './asyncapi';
import { routesOf, type OpenApi } from './openapi';

/** From the sources, and from what is compiled. */
const paths = ['../../../../docs/asyncapi.json', '../../../../../docs/asyncapi.json'];

/** The documents of the contracts: what services send each other, what each answers over HTTP. */
@Injectable()
export class ReadDocuments {
  constructor(private readonly services: Services) {}

  messages(): MessageDocuments {
    return messagesOf(this.asyncApi());
  }

  /** As it is. @throws Problem 404 where it was not built in */
  asyncApi(): AsyncApi {
    const path = paths.map((one) => join(__dirname, one)).find((one) => existsSync(one));
    if (path === undefined) throw notFound('document', 'docs/asyncapi.json is not here');
    return JSON.parse(readFileSync(path, 'utf8')) as AsyncApi;
  }

  /** Of each service; of one that does not answer or has none, why. */
  async routes(): Promise<RouteDocuments> {
    const services = this.services.names.map(async (name) => {
      try {
        const document = await this.openApi(name);
        return { name, text: document.info?.description ?? '', routes: routesOf(name, document) };
      } catch (error) {
        return { name, text: '', routes: [], problem: whyOf(name, error) };
      }
    });
    return { services: await Promise.all(services) };
  }

  /** As the service gives it. @throws Problem: it does not answer, or has none */
  async openApi(service: string): Promise<OpenApi> {
    return this.services.ask<OpenApi>(service, '/openapi.json');
  }
}

function whyOf(name: string, error: unknown): string {
  if (!(error instanceof Problem)) return `${name} has a document that cannot be read.`;
  const { status, detail, title } = error.details;
  return status === 404 ? `${name} has no document.` : (detail ?? title);
}

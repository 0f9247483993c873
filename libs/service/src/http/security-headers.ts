import type { FastifyAdapter } from '@nestjs/platform-fastify';
import helmet from 'helmet';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';

/** An answer is data: it loads nothing, nobody frames it. A page says its own policy over it. */
const policy = {
  useDefaults: false,
  directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
};

/** What helmet says, on every answer: found out once, for they are always the same. */
export function addSecurityHeaders(adapter: FastifyAdapter): void {
  const headers = headersOfHelmet();
  adapter.getInstance().addHook('onRequest', (_request, { raw }, done) => {
    for (const [name, value] of headers) raw.setHeader(name, value);
    done();
  });
}

function headersOfHelmet(): [string, string][] {
  const request = new IncomingMessage(new Socket());
  const response = new ServerResponse(request);
  helmet({ contentSecurityPolicy: policy })(request, response, () => undefined);
  return Object.entries(response.getHeaders()).map(([name, value]) => [name, String(value)]);
}

import type { FastifyAdapter } from '@nestjs/platform-fastify';
import { utf8Text } from '@tradepost/messaging';
import { Problem } from './problem';
import { keepRawBody } from './raw-body';

const json = /^application\/([\w.-]+\+)?json\s*(;|$)/;
/** Named, it is one of these: what is US-ASCII is UTF-8 too. */
const otherCharset = /;\s*charset=(?!"?(?:utf-?8|us-ascii)"?\s*(?:;|$))([^;]*)/i;

interface Headers {
  'content-type'?: string;
  'content-encoding'?: string;
}

/** JSON alone, in UTF-8 and as it is; a body that is empty is none, whatever the headers say. */
export function parseJsonBodies(adapter: FastifyAdapter): void {
  const fastify = adapter.getInstance();
  // Fastify's own parser, wrapped: its errors would otherwise reach the filter without their
  // reason. It ignores a field named __proto__, which validation refuses as an unknown field.
  const parse = fastify.getDefaultJsonParser('ignore', 'ignore');
  fastify.removeAllContentTypeParsers();
  // As bytes: Fastify would make a text of them, with a U+FFFD for what is none.
  fastify.addContentTypeParser(json, { parseAs: 'buffer' }, (request, content, done) => {
    keepRawBody(request, content as Buffer);
    if (content.length === 0) return done(null, undefined);
    const refusal = refusalOf(request.headers);
    if (refusal) return done(refusal);
    const text = utf8Text(content as Buffer);
    if (text === undefined) return done(notJson('The body is not UTF-8.'));
    void parse(request, text, (error, value) => {
      if (error) done(notJson(error.message));
      else done(null, value);
    });
  });
}

function notJson(detail: string): Problem {
  const title = 'The request body is not JSON';
  return new Problem({ status: 400, type: 'malformed-json', title, detail });
}

function refusalOf(headers: Headers): Problem | undefined {
  const { 'content-encoding': encoding, 'content-type': type = '' } = headers;
  if (encoding && encoding.toLowerCase() !== 'identity') {
    return new Problem({
      status: 415,
      type: 'unsupported-content-encoding',
      title: 'The request body must not be encoded',
      detail: `Content-Encoding: ${encoding} is not understood here.`,
      headers: { 'accept-encoding': 'identity' },
    });
  }
  const [, charset] = otherCharset.exec(type) ?? [];
  if (charset === undefined) return undefined;
  return new Problem({
    status: 415,
    type: 'unsupported-media-type',
    title: 'The request body must be application/json, in UTF-8',
    detail: `The charset ${charset.trim()} is not understood here.`,
  });
}

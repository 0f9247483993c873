import type { FastifyAdapter } from '@nestjs/platform-fastify';
import { Problem } from './problem';

const headersMax = 100;
const addressMax = 8_192;

/** Options of Node's server. */
export const serverBounds = {
  /** The first line and all headers, bytes. */
  maxHeaderSize: 16_384,
  headersTimeout: 10_000,
  /** Node looks so often for requests that took too long. Its own is 30 s. */
  connectionsCheckingInterval: 2_000,
};

/** Refuses what no client of ours sends, before anything reads it. */
export function refuseTooMuch(adapter: FastifyAdapter): void {
  adapter.getInstance().addHook('onRequest', ({ url, raw }, _reply, done) => {
    // Names and values, one after the other.
    if (raw.rawHeaders.length > 2 * headersMax) done(tooManyHeaders());
    else if (url.length > addressMax) done(addressTooLong());
    else done();
  });
}

function tooManyHeaders(): Problem {
  return new Problem({
    status: 431,
    type: 'header-too-large',
    title: 'The address and the headers are too large',
    detail: `more than ${headersMax} headers`,
  });
}

function addressTooLong(): Problem {
  return new Problem({
    status: 414,
    type: 'uri-too-long',
    title: 'The address is too long',
    detail: `more than ${addressMax} characters`,
  });
}

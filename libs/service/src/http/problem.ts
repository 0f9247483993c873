import { HttpException } from '@nestjs/common';

/** The part of Fastify's reply that is used here and by controllers. */
export interface HttpReply {
  sent: boolean;
  status(code: number): unknown;
  header(name: string, value: string): unknown;
  headers(values: Record<string, string>): unknown;
  send(body: Buffer): unknown;
}

/** One thing that is wrong with a request; `pointer` is a JSON pointer: `/items/0/quantity`. */
export interface Fault {
  pointer: string;
  detail: string;
}

export interface ProblemOptions {
  status: number;
  /** A stable slug that clients may rely on, such as `order-not-found`; never reused. */
  type: string;
  title: string;
  detail?: string;
  errors?: Fault[];
  headers?: Record<string, string>;
}

/** The body of an error answer, as RFC 9457 has it. */
export interface ProblemDetails {
  type: string;
  title: string;
  status: number;
  detail?: string;
  errors?: Fault[];
  traceId?: string;
}

const problemTypes = 'https://tradepost.dev/problems/';

/** Thrown anywhere under a controller, it becomes an `application/problem+json` answer. */
export class Problem extends HttpException {
  readonly headers: Record<string, string>;

  constructor({ status, type, title, detail, errors, headers = {} }: ProblemOptions) {
    super({ type: problemTypes + type, title, status, detail, errors }, status);
    this.name = 'Problem';
    this.message = detail ?? title;
    this.headers = headers;
  }

  get details(): ProblemDetails {
    return this.getResponse() as ProblemDetails;
  }
}

export function sendProblem(reply: HttpReply, { details, headers }: Problem): void {
  if (reply.sent) return;
  reply.status(details.status);
  // As bytes: Fastify adds a charset to a text, and this media type has none.
  reply.headers({ 'content-type': 'application/problem+json', ...headers });
  reply.send(Buffer.from(JSON.stringify(details)));
}

/** The 404 for a missing thing. @param thing `order` makes the type `order-not-found` */
export function notFound(thing: string, detail: string): Problem {
  const name = thing.replaceAll('-', ' ');
  const title = `${name.charAt(0).toUpperCase()}${name.slice(1)} not found`;
  return new Problem({ status: 404, type: `${thing}-not-found`, title, detail });
}

/** The 404 for an address without a route. */
export function routeNotFound(url: string): Problem {
  return new Problem({
    status: 404,
    type: 'route-not-found',
    title: 'There is nothing at this address',
    detail: url.split('?', 1)[0],
  });
}

/** The 400 for input that breaks a rule. */
export function invalidRequest(errors: Fault[]): Problem {
  return new Problem({
    status: 400,
    type: 'invalid-request',
    title: 'The request is not valid',
    detail: errors.map(({ pointer, detail }) => `${pointer || '/'}: ${detail}`).join('; '),
    errors,
  });
}

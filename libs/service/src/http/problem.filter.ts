import {
  type ArgumentsHost,
  Catch,
  type ExceptionFilter,
  HttpException,
  Logger,
} from '@nestjs/common';
import { DatabaseUnavailable, isUnstorableText } from '@tradepost/database';
import { currentTrace, RpcFailed, RpcTimeout, Unroutable } from '@tradepost/messaging';
import {
  type HttpReply,
  invalidRequest,
  Problem,
  type ProblemDetails,
  type ProblemOptions,
  sendProblem,
} from './problem';

const serviceUnavailable: ProblemOptions = {
  status: 503,
  type: 'unavailable',
  title: 'The service cannot do this now',
};

const retryLater = { 'retry-after': '5' };

/** Problems for the errors of Nest and Fastify themselves, before a controller is reached. */
const known: ProblemOptions[] = [
  { status: 400, type: 'invalid-request', title: 'The request is not valid' },
  { status: 404, type: 'not-found', title: 'Not found' },
  { status: 408, type: 'request-timeout', title: 'The request took too long' },
  { status: 413, type: 'payload-too-large', title: 'The request body is too large' },
  { status: 414, type: 'uri-too-long', title: 'The address is too long' },
  {
    status: 415,
    type: 'unsupported-media-type',
    title: 'The request body must be application/json',
  },
  serviceUnavailable,
];

/** Answers every error of an HTTP request with `application/problem+json`, never with a stack. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly log = new Logger(ProblemFilter.name);

  catch(error: unknown, host: ArgumentsHost): void {
    // Message handlers run through Nest too; their errors belong to the runtime that called them.
    if (host.getType() !== 'http') throw error;
    const problem = toProblem(error);
    // A Problem is thrown on purpose: an answer, not a failure.
    if (problem.details.status >= 500 && problem !== error) this.report(error, problem.details);
    sendProblem(host.switchToHttp().getResponse<HttpReply>(), problem);
  }

  private report(error: unknown, details: ProblemDetails): void {
    details.traceId = currentTrace()?.traceId;
    this.log.error('request failed', { status: details.status, type: details.type, error });
  }
}

function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof HttpException) return fromNest(error);
  // A NUL is a character in JSON, but not in PostgreSQL.
  if (isUnstorableText(error)) {
    return invalidRequest([{ pointer: '', detail: 'must not contain the character U+0000' }]);
  }
  if (error instanceof DatabaseUnavailable) {
    return new Problem({ ...serviceUnavailable, headers: retryLater });
  }
  const asked = toRpcProblem(error);
  if (asked !== undefined) return asked;
  return new Problem({ status: 500, type: 'internal-error', title: 'Something went wrong here' });
}

/** Of a question to another service. What that refuses is for the controller to say. */
function toRpcProblem(error: unknown): Problem | undefined {
  if (error instanceof RpcTimeout) {
    const title = 'Another service did not answer in time';
    return new Problem({ status: 504, type: 'rpc-timeout', title, detail: error.message });
  }
  if (!(error instanceof RpcFailed || error instanceof Unroutable)) return undefined;
  const nobody = (queue: string) => `${queue}: no service that answers it has ever started`;
  return new Problem({
    status: 503,
    type: 'rpc-failed',
    title: 'Another service could not answer',
    detail: error instanceof Unroutable ? nobody(error.routingKey) : error.message,
    headers: retryLater,
  });
}

function fromNest(error: HttpException): Problem {
  const status = error.getStatus();
  const other = { status, type: `http-${status}`, title: error.name };
  const problem = known.find((one) => one.status === status) ?? other;
  return new Problem({ ...problem, detail: error.message });
}

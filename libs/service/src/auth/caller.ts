import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { scopes } from './scopes';

/** Who asks. */
export interface Caller {
  /** The token's `sub`. */
  id: string;
  scopes: ReadonlySet<string>;
  /** A customer's token: it sees and changes what is this customer's, and nothing else. */
  customer?: string;
  /** Epoch milliseconds: an answer that goes on, such as a stream, ends then. */
  expiresAt?: number;
}

/** Everyone, where AUTH=none lets everyone in. */
export const anyone: Caller = { id: 'anyone', scopes: new Set(scopes) };

/** The part of Fastify's request that is used here. */
export interface AuthenticatedRequest {
  caller?: Caller;
}

/** A parameter of a handler that declares a scope: who asks. */
// Its type has the same name: a parameter reads `@Caller() caller: Caller`.
export const Caller = createParamDecorator((_: unknown, context: ExecutionContext) => {
  const { caller } = context.switchToHttp().getRequest<AuthenticatedRequest>();
  if (!caller) throw new Error('an @Open() route knows no caller');
  return caller;
});

import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { AuthenticatedRequest } from '../auth/caller';

interface Request extends AuthenticatedRequest {
  ip: string;
  headers: Record<string, string | string[] | undefined>;
}

const nameMax = 100;

/**
 * Who acts, for the record: what `x-operator` says, such as a name in the console, whose bearer
 * token it is, and the address it came from. Whoever may ask may name himself, beside that.
 */
export const Operator = createParamDecorator((_data: unknown, context: ExecutionContext) => {
  const { ip, headers, caller } = context.switchToHttp().getRequest<Request>();
  const { 'x-operator': name } = headers;
  const isName = typeof name === 'string' && /^[\x20-\x7e]+$/.test(name);
  // With AUTH=none it is nobody in particular.
  const from = caller?.expiresAt === undefined ? `http ${ip}` : `${caller.id}, http ${ip}`;
  return isName ? `${name.slice(0, nameMax)} (${from})` : from;
});

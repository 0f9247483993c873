import { createParamDecorator, type ExecutionContext } from '@nestjs/common';

interface Request {
  ip: string;
  headers: Record<string, string | string[] | undefined>;
}

const nameMax = 100;

/**
 * Who acts, for the record: what `x-operator` says, such as a name in the console, and the address
 * it came from. Whoever has the ops token may name himself.
 */
export const Operator = createParamDecorator((_data: unknown, context: ExecutionContext) => {
  const { ip, headers } = context.switchToHttp().getRequest<Request>();
  const { 'x-operator': name } = headers;
  const isName = typeof name === 'string' && /^[\x20-\x7e]+$/.test(name);
  return isName ? `${name.slice(0, nameMax)} (http ${ip})` : `http ${ip}`;
});

import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { ConsoleRequest } from './request';

const nameMax = 50;

/** Who acts here, for the services' records: whose token signed in, if it was anybody's. */
export const Operator = createParamDecorator((_: unknown, context: ExecutionContext) => {
  const { ip, session } = context.switchToHttp().getRequest<ConsoleRequest>();
  if (session?.caller === undefined) return `console ${ip}`;
  // It goes by a header.
  const name = session.caller.replace(/[^\x20-\x7e]/g, '?').slice(0, nameMax);
  return `${name}, console ${ip}`;
});

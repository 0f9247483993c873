import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { AddRouteConfig } from './route-config';

interface KeepsRawBody {
  keepsRawBody?: boolean;
}

interface RawRequest {
  rawBody?: string;
  routeOptions: { config: object };
}

/**
 * For a handler whose caller signs the body: keeps its text, byte for byte, beside the parsed
 * object. Other routes do not hold every body twice.
 */
export const KeepRawBody = () => AddRouteConfig({ keepsRawBody: true } satisfies KeepsRawBody);

/** A parameter of such a handler: the body as text. */
export const RawBody = createParamDecorator((_: unknown, context: ExecutionContext) => {
  const request = context.switchToHttp().getRequest<RawRequest>();
  if (!keeps(request)) throw new Error('this route does not @KeepRawBody()');
  // Nothing is parsed where nothing is sent.
  return request.rawBody ?? '';
});

/** Called by the parser, for every body. */
export function keepRawBody(request: RawRequest, content: Buffer): void {
  if (keeps(request)) request.rawBody = content.toString('utf8');
}

function keeps({ routeOptions }: RawRequest): boolean {
  return (routeOptions.config as KeepsRawBody).keepsRawBody === true;
}

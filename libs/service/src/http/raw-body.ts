import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';

interface KeepsRawBody {
  keepsRawBody?: boolean;
}

interface RawRequest {
  rawBody?: string;
}

/**
 * For a handler whose caller signs the body: keeps its text, byte for byte, beside the parsed
 * object. Other routes do not hold every body twice.
 */
export const KeepRawBody = () => RouteConfig({ keepsRawBody: true } satisfies KeepsRawBody);

/** A parameter of such a handler: the body as text. */
export const RawBody = createParamDecorator((_: unknown, context: ExecutionContext) => {
  const { rawBody } = context.switchToHttp().getRequest<RawRequest>();
  if (rawBody === undefined) throw new Error('this route does not @KeepRawBody()');
  return rawBody;
});

/** Called by the parser, for every body. */
export function keepRawBody(
  request: RawRequest & { routeOptions: { config: object } },
  body: string,
): void {
  if ((request.routeOptions.config as KeepsRawBody).keepsRawBody) request.rawBody = body;
}

import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';

interface KeepsRawBody {
  keepsRawBody?: boolean;
}

export interface RawRequest {
  rawBody?: string;
}

/**
 * On a handler whose caller signed the body: its text, byte for byte, is kept beside what was made
 * of it. The others need not hold every body twice.
 */
export const KeepRawBody = () => RouteConfig({ keepsRawBody: true } satisfies KeepsRawBody);

/** A parameter of such a handler: the body as it came. */
export const RawBody = createParamDecorator((_: unknown, context: ExecutionContext) =>
  rawBodyOf(context.switchToHttp().getRequest<RawRequest>()),
);

/** The body as it came. @throws when the route does not keep it */
export function rawBodyOf({ rawBody }: RawRequest): string {
  if (rawBody === undefined) throw new Error('this route does not @KeepRawBody()');
  return rawBody;
}

/** Called by the parser, for every body. */
export function keepRawBody(
  request: RawRequest & { routeOptions: { config: object } },
  body: string,
): void {
  if ((request.routeOptions.config as KeepsRawBody).keepsRawBody) request.rawBody = body;
}

import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { createHash, timingSafeEqual } from 'node:crypto';
import { Problem, routeNotFound } from '../http/problem';
import { ServiceConfig } from '../config/service-config';

interface Request {
  url: string;
  headers: { authorization?: string };
}

/**
 * With AUTH=none: admits requests with OPS_TOKEN; without a configured one the address does not
 * exist. With AUTH=jwt the scope has admitted them.
 */
@Injectable()
export class OpsGuard implements CanActivate {
  constructor(private readonly config: ServiceConfig) {}

  canActivate(context: ExecutionContext): boolean {
    const { url, headers } = context.switchToHttp().getRequest<Request>();
    const { AUTH, OPS_TOKEN } = this.config;
    if (AUTH === 'jwt') return true;
    if (!OPS_TOKEN) throw routeNotFound(url);
    const [, given] = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '') ?? [];
    if (given !== undefined && isSame(given, OPS_TOKEN)) return true;
    throw new Problem({
      status: 401,
      type: 'ops-token-required',
      title: 'This address requires the ops token',
      headers: { 'www-authenticate': 'Bearer' },
    });
  }
}

// Digests are of one length, so that the time it takes says nothing of the token.
function isSame(given: string, token: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}

import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Problem } from '@tradepost/service';
import { SignIn } from './sign-in';
import type { ConsoleRequest } from './request';

/** Of everybody: what says nothing, and what is needed to sign in. By route, not by address. */
const open = ['/*', '/api/session'];

/** Who may ask for what; of all that is not named open, who is signed in. */
@Injectable()
export class Admission implements CanActivate {
  constructor(private readonly signIn: SignIn) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<ConsoleRequest>();
    const { headers, method, routeOptions } = request;
    const route = routeOptions.url ?? '';
    // Asked by machines of this system, under whatever name.
    if (route.startsWith('/health/') || route === '/metrics') return true;
    if (this.signIn.isOpen) refuseForeignName(headers.host);
    if (route !== '/*') refuseOtherSites(headers, method);
    if (open.includes(route)) return true;
    request.session = this.signIn.sessionIn(headers.cookie);
    if (request.session) return true;
    throw new Problem({
      status: 401,
      type: 'sign-in-required',
      title: 'The console asks for a token first',
    });
  }
}

// A name that leads here from a page elsewhere (DNS rebinding) is not ours.
function refuseForeignName(host = ''): void {
  const [, name = ''] = /^(\[[^\]]*\]|[^:]*)(?::\d+)?$/.exec(host.toLowerCase()) ?? [];
  if (/^(localhost|.+\.localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(name)) return;
  throw new Problem({
    status: 403,
    type: 'foreign-host',
    title: 'An open console answers to names of this machine alone',
    detail: `Host: ${host}`,
  });
}

/** What changes something is asked for by our own page, in JSON, which no form sends. */
function refuseOtherSites(headers: ConsoleRequest['headers'], method: string): void {
  const { origin, host = '' } = headers;
  const isOther = origin !== undefined && (!URL.canParse(origin) || new URL(origin).host !== host);
  if (headers['sec-fetch-site'] === 'cross-site' || isOther) {
    throw new Problem({ status: 403, type: 'other-site', title: 'Another site may not ask this' });
  }
  if (method === 'GET' || method === 'HEAD') return;
  if (/^application\/json\s*(;|$)/i.test(headers['content-type'] ?? '')) return;
  throw new Problem({
    status: 415,
    type: 'unsupported-media-type',
    title: 'The request body must be application/json',
  });
}

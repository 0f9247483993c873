import { Injectable } from '@nestjs/common';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import sirv from 'sirv';

/** Beside the compiled sources; `npm run build` makes it. */
const folder = join(__dirname, '../../built-page');

const notBuilt =
  '<!doctype html><title>Tradepost</title><p>Not built: run <code>npm run build</code>.</p>';

type Next = () => void;

/** The built page: its document, anew for each request, and its files, which never change. */
@Injectable()
export class PageFiles {
  /** Of what is served: a page that finds another one loads itself anew. */
  readonly version: string;
  private readonly document: string;
  private readonly files?: (request: IncomingMessage, response: ServerResponse, next: Next) => void;

  constructor() {
    const index = join(folder, 'index.html');
    this.document = existsSync(index) ? readFileSync(index, 'utf8') : notBuilt;
    this.version = createHash('sha256').update(this.document).digest('hex').slice(0, 12);
    if (!existsSync(index)) return;
    // The place where it is now: a build meanwhile puts another one there.
    this.files = sirv(realpathSync(folder), {
      etag: true,
      gzip: true,
      setHeaders: (response, path) => {
        response.setHeader('x-content-type-options', 'nosniff');
        const isHashed = path.startsWith('/assets/');
        const forever = 'public, max-age=31536000, immutable';
        response.setHeader('cache-control', isHashed ? forever : 'no-cache');
      },
    });
  }

  /** The document: styles that a script makes need the nonce that is in it. */
  sendDocument(response: ServerResponse, isHead: boolean): void {
    const nonce = randomBytes(16).toString('base64');
    const body = Buffer.from(this.document.replaceAll('%NONCE%', nonce));
    response.writeHead(200, {
      'content-type': 'text/html; charset=utf-8',
      'content-length': body.length,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'same-origin',
      'content-security-policy': policyWith(nonce),
    });
    response.end(isHead ? undefined : body);
  }

  /** @returns false where there is no such file, and nothing was sent */
  sendFile(request: IncomingMessage, response: ServerResponse): boolean {
    let isThere = this.files !== undefined;
    this.files?.(request, response, () => (isThere = false));
    return isThere;
  }
}

function policyWith(nonce: string): string {
  return [
    "default-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "object-src 'none'",
    "form-action 'self'",
  ].join('; ');
}

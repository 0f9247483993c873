import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { clients, type ClientName } from './clients';
import { issuerFile, nameIssuer, publicKeys, readIssuer } from './keys';
import { tokenOf } from './token';
import { issuerUrl, jwksUrl, tokenUrl } from './urls';

const bodyMax = 4_096;
const lifeSeconds = 300;

interface Answer {
  status: number;
  body: object;
  headers?: Record<string, string>;
}

/** The development issuer: known clients get tokens of it, and services its keys. */
export class IssuerServer {
  private constructor(
    private readonly server: Server,
    readonly url: string,
    private readonly file: string,
  ) {}

  /** On the loopback interface alone. @param port 0 takes any */
  static async open(port: number, file = issuerFile): Promise<IssuerServer> {
    const server = createServer({ requestTimeout: 5_000 });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
    const at = server.address();
    const url = issuerUrl(typeof at === 'object' && at !== null ? at.port : port);
    await nameIssuer(url, file);
    const issuer = new IssuerServer(server, url, file);
    server.on('request', (request, response) => {
      issuer.answer(request, response).catch(() => response.destroy());
    });
    return issuer;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { status, body, headers } = await this.answerTo(request);
    response.writeHead(status, {
      'content-type': 'application/json',
      'cache-control': 'no-store',
      ...headers,
    });
    response.end(JSON.stringify(body));
  }

  private async answerTo(request: IncomingMessage): Promise<Answer> {
    const { method, url: path } = request;
    // Read each time: a rotation counts at once.
    if (method === 'GET' && path === '/.well-known/jwks.json') {
      return { status: 200, body: publicKeys(await readIssuer(this.file)) };
    }
    if (method === 'GET' && path === '/.well-known/openid-configuration') {
      return { status: 200, body: metadataOf(this.url) };
    }
    if (method === 'POST' && path === '/token') return this.tokenFor(request);
    return { status: 404, body: { error: 'not_found' } };
  }

  private async tokenFor(request: IncomingMessage): Promise<Answer> {
    const text = await textOf(request);
    if (text === undefined) return { status: 413, body: { error: 'invalid_request' } };
    const form = new URLSearchParams(text);
    if (form.get('grant_type') !== 'client_credentials') {
      return { status: 400, body: { error: 'unsupported_grant_type' } };
    }
    const issuer = await readIssuer(this.file);
    const { id, secret } = loginIn(request.headers.authorization) ?? {
      id: form.get('client_id') ?? '',
      secret: form.get('client_secret') ?? '',
    };
    if (!isClient(id) || !isSame(secret, issuer.clients[id])) {
      const headers = { 'www-authenticate': 'Basic realm="tradepost"' };
      return { status: 401, body: { error: 'invalid_client' }, headers };
    }
    const allowed: readonly string[] = clients[id];
    const scope = form.get('scope') ?? allowed.join(' ');
    if (!scope.split(' ').every((one) => allowed.includes(one))) {
      return { status: 400, body: { error: 'invalid_scope' } };
    }
    const token = await tokenOf(issuer, { subject: id, scope, lifeSeconds });
    const body = { access_token: token, token_type: 'Bearer', expires_in: lifeSeconds, scope };
    return { status: 200, body };
  }
}

function metadataOf(issuer: string): object {
  return {
    issuer,
    jwks_uri: jwksUrl(issuer),
    token_endpoint: tokenUrl(issuer),
    grant_types_supported: ['client_credentials'],
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
    response_types_supported: [],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['ES256'],
  };
}

function loginIn(header = ''): { id: string; secret: string } | undefined {
  const [, text] = /^Basic +(\S+)$/i.exec(header) ?? [];
  if (text === undefined) return undefined;
  const [id = '', secret = ''] = Buffer.from(text, 'base64').toString('utf8').split(':');
  // Form-encoded (RFC 6749, 2.3.1), as search parameters are.
  const decoded = (part: string) => new URLSearchParams(`a=${part}`).get('a') ?? '';
  return { id: decoded(id), secret: decoded(secret) };
}

function isClient(name: string): name is ClientName {
  return Object.hasOwn(clients, name);
}

function isSame(given: string, secret: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(secret));
}

/** Undefined: it is too long. */
async function textOf(request: IncomingMessage): Promise<string | undefined> {
  let text = '';
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > bodyMax) return undefined;
  }
  return text;
}

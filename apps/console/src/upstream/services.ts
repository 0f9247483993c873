import { Injectable } from '@nestjs/common';
import { ClientToken, current, notFound, Problem, TokenUnavailable } from '@tradepost/service';
import { ConsoleConfig } from '../console.config';
import { ask, type Call, unreachable } from './http';
import { readServices, type ServiceAddress } from './read-services';

/** The services, by the names that SERVICES gives them. */
@Injectable()
export class Services {
  readonly addresses: readonly ServiceAddress[];
  readonly names: readonly string[];
  private readonly opsToken: string | undefined;
  private readonly client: ClientToken | undefined;

  constructor(config: ConsoleConfig) {
    this.addresses = readServices(config.SERVICES).addresses;
    this.names = [...new Set(this.addresses.map(({ name }) => name))];
    this.opsToken = config.OPS_TOKEN;
    this.client = clientOf(config);
  }

  /** @throws Problem 404 for a name that is none */
  urlsOf(name: string): string[] {
    const urls = this.addresses.filter((one) => one.name === name).map(({ url }) => url);
    if (urls.length === 0) throw notFound('service', `SERVICES has no ${name}`);
    return urls;
  }

  /** Asks one process of the service: another one when the first does not answer. */
  async ask<T>(name: string, path: string, call: Call = {}): Promise<T> {
    let last: unknown;
    for (const url of this.urlsOf(name)) {
      try {
        return await this.askAt<T>(name, `${url}${path}`, call);
      } catch (error) {
        // What may have been done is not done again elsewhere.
        if (!isUnreachable(error) || call.method === 'POST') throw error;
        last = error;
      }
    }
    throw last;
  }

  /** Asks this process, with what it lets the console in by. */
  async askAt<T>(name: string, url: string, call: Call = {}): Promise<T> {
    return ask<T>(name, url, {
      ...call,
      headers: { ...(await this.headersFor(url)), ...call.headers },
    });
  }

  /**
   * Its own token; without a client the ops token, where an operator is asked for.
   * @throws Problem 503 when no token is to be had
   */
  async headersFor(url: string): Promise<Record<string, string>> {
    if (this.client) return { authorization: `Bearer ${await tokenOf(this.client)}` };
    if (this.opsToken === undefined || !new URL(url).pathname.startsWith('/ops/')) return {};
    return { authorization: `Bearer ${this.opsToken}` };
  }

  /** Asks every service; those that did not answer are named. */
  async askAll<T>(
    path: string,
    names: readonly string[] = this.names,
  ): Promise<{ answers: { name: string; answer: T }[]; missing: string[] }> {
    const missing: string[] = [];
    const answers = await Promise.all(
      names.map(async (name) => {
        try {
          return [{ name, answer: await this.ask<T>(name, path) }];
        } catch {
          missing.push(name);
          return [];
        }
      }),
    );
    return { answers: answers.flat(), missing };
  }
}

function clientOf(config: ConsoleConfig): ClientToken | undefined {
  const { AUTH_TOKEN_URL: tokenUrl, AUTH_CLIENT_ID: clientId, AUTH_CLIENT_SECRET: given } = config;
  if (!tokenUrl || !clientId || !given) return undefined;
  const secret = current(config, 'AUTH_CLIENT_SECRET');
  return new ClientToken({
    tokenUrl,
    clientId,
    /** Of its file, for each token. */
    get clientSecret() {
      return secret();
    },
  });
}

async function tokenOf(client: ClientToken): Promise<string> {
  try {
    return await client.get();
  } catch (error) {
    if (!(error instanceof TokenUnavailable)) throw error;
    throw unreachable('the issuer of tokens', error.message);
  }
}

function isUnreachable(error: unknown): boolean {
  return error instanceof Problem && error.details.type.endsWith('/service-unreachable');
}

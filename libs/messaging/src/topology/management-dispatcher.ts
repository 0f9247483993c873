import { Agent, buildConnector } from 'undici';
import { parsed } from '../connection/nodes';
import { tlsOf } from '../connection/tls';

/**
 * For requests to the management API by https, verified as the broker's own connections are. The
 * certificates are read for each connection.
 * @param managementUrl may name a CA and a client certificate of its own
 * @returns undefined without TLS
 */
export function managementDispatcher(managementUrl: string, amqpUrl: string): Agent | undefined {
  const source = tlsSourceOf(managementUrl, amqpUrl);
  if (source === undefined) return undefined;
  return new Agent({
    connect: (options, done) => {
      try {
        buildConnector({ ...source() })(options, done);
      } catch (error) {
        done(error as Error, null);
      }
    },
  });
}

/** @returns what reads the certificates, those of `amqpUrl` where `managementUrl` names none */
function tlsSourceOf(managementUrl: string, amqpUrl: string) {
  if (tlsOf(managementUrl) === undefined) return undefined;
  const { searchParams } = parsed(managementUrl);
  const names = ['cacertfile', 'certfile', 'keyfile'];
  const own = names.some((name) => searchParams.has(name));
  return () => (own ? undefined : tlsOf(amqpUrl)) ?? tlsOf(managementUrl);
}

/** The file of the CA that signed the certificate of the management API, if one is named. */
export function caFileOf(managementUrl: string, amqpUrl: string): string | undefined {
  const [own, brokers] = [managementUrl, amqpUrl].map((url) => parsed(url).searchParams);
  return own?.get('cacertfile') ?? brokers?.get('cacertfile') ?? undefined;
}

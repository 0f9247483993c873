import { readFileSync } from 'node:fs';
import { BadBrokerUrl } from './bad-broker-url';
import { parsed } from './nodes';

/** Read for each connection. */
export interface TlsOptions {
  ca?: Buffer;
  cert?: Buffer;
  key?: Buffer;
  /** Said, because NODE_TLS_REJECT_UNAUTHORIZED would decide otherwise. */
  rejectUnauthorized: true;
}

const isTls = /^(amqps|https):$/;

/**
 * What a URL says of TLS, by the names that RabbitMQ gives it: `cacertfile`, `certfile`, `keyfile`.
 * The server's certificate and its name are always verified.
 * @param url of AMQP or of the management API
 * @returns undefined without TLS
 * @throws BadBrokerUrl
 */
export function tlsOf(url: string): TlsOptions | undefined {
  const { protocol, searchParams } = parsed(url);
  const verify = searchParams.get('verify') ?? 'verify_peer';
  if (verify !== 'verify_peer') throw new BadBrokerUrl('says verify: it must be verify_peer');
  const [ca, cert, key] = ['cacertfile', 'certfile', 'keyfile'].map((name) => {
    const file = searchParams.get(name);
    return file === null ? undefined : { name, content: () => contentOf(name, file) };
  });
  if (!isTls.test(protocol)) {
    const given = ca ?? cert ?? key;
    if (given) throw new BadBrokerUrl(`names a ${given.name} but not TLS: amqps:// or https://`);
    return undefined;
  }
  if (!cert !== !key) throw new BadBrokerUrl('must name certfile and keyfile, or neither');
  return {
    ca: ca?.content(),
    cert: cert?.content(),
    key: key?.content(),
    rejectUnauthorized: true,
  };
}

function contentOf(name: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    const { code = 'unreadable' } = error as NodeJS.ErrnoException;
    throw new BadBrokerUrl(`names a ${name} that cannot be read, ${file}: ${code}`);
  }
}

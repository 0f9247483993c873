import { readFileSync } from 'node:fs';

/** A URL that no connection can be made with. The reason never repeats it: it has a password. */
export class BadBrokerUrl extends Error {
  override readonly name = 'BadBrokerUrl';

  constructor(readonly reason: string) {
    super(`the URL of the broker ${reason}`);
  }
}

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

/** @throws BadBrokerUrl */
export function parsed(url: string): URL {
  // What `new URL` throws has the whole text with it.
  if (!URL.canParse(url)) throw new BadBrokerUrl('is none');
  return new URL(url);
}

function contentOf(name: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    const { code = 'unreadable' } = error as NodeJS.ErrnoException;
    throw new BadBrokerUrl(`names a ${name} that cannot be read, ${file}: ${code}`);
  }
}

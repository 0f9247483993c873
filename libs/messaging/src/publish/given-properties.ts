import type { Options } from 'amqplib';
import type { Properties } from '../connection/publish-frames';

/** As users of amqplib say it; Nest's records name less of it, and all of it the same. */
export type GivenOptions = Pick<Options.Publish, 'expiration' | 'CC' | 'BCC' | 'headers'>;

/** Of what is left out the publisher is sure itself. */
const own = new Set(['mandatory', 'persistent', 'deliveryMode', 'CC', 'BCC', 'expiration']);

/** The same in amqplib's inner form, where lists of copies are headers. */
export function givenProperties(options: GivenOptions): Properties {
  const { CC, BCC, expiration } = options;
  const headers = { ...(options.headers as Properties['headers']) };
  if (CC) headers['CC'] = [CC].flat();
  if (BCC) headers['BCC'] = [BCC].flat();
  const plain = Object.fromEntries(Object.entries(options).filter(([name]) => !own.has(name)));
  const expires = expiration === undefined ? {} : { expiration: String(expiration) };
  return { ...plain, ...expires, headers };
}

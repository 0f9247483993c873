import type { ConsumeMessage } from 'amqplib';
import { UnknownEncoding } from './errors';

/** What senders write of text that is as it is; some put its character set here. */
const plain = new Set(['', 'identity', 'utf-8', 'utf8', 'us-ascii']);

/** @throws UnknownEncoding it is compressed, for one */
export function plainContent(raw: Pick<ConsumeMessage, 'content' | 'properties'>): Buffer {
  const encoding = encodingOf(raw);
  if (encoding !== undefined) throw new UnknownEncoding(encoding);
  return raw.content;
}

/** @returns undefined for content that is as it is */
export function encodingOf({ properties }: Pick<ConsumeMessage, 'properties'>): string | undefined {
  const encoding = properties.contentEncoding as string | undefined;
  return encoding === undefined || plain.has(encoding.toLowerCase()) ? undefined : encoding;
}

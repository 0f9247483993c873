import type { Message } from '../message';

const uuidv7Pattern = /^([\da-f]{8})-([\da-f]{4})-7[\da-f]{3}-[89ab]/i;

/**
 * When a message was made, epoch milliseconds. A UUIDv7 says it to the millisecond; of another id
 * the timestamp does, to the second.
 */
export function sentAt({ id, timestamp }: Pick<Message, 'id' | 'timestamp'>): number | undefined {
  const match = uuidv7Pattern.exec(id);
  if (match === null) return timestamp?.getTime();
  return Number.parseInt(`${match[1]}${match[2]}`, 16);
}

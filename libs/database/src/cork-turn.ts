import type { PoolClient } from 'pg';
import type { Duplex } from 'node:stream';

/**
 * What goes to the server until the end of this turn of the event loop is one system call, where
 * pg makes one for each statement.
 */
export function corkTurn(client: PoolClient): void {
  const { stream } = (client as unknown as { connection: { stream: Duplex } }).connection;
  if (stream.writableCorked > 0) return;
  stream.cork();
  setImmediate(() => stream.uncork());
}

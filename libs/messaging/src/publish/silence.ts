import type { Link } from '../connection/link';
import type { ReopeningChannel } from '../connection/reopening-channel';

/** A message is late; when no other was answered in this time either, the broker is silent. */
const silenceMs = 5_000;
/** As long a busy broker may take to open a channel. */
const openMs = 10_000;

/**
 * A connection may live on while one of its channels hears nothing any more: then the channel is
 * given up. When the next one hears nothing either, the node may be cut off from the others of its
 * cluster: the connection is given up too, and the next one may lead to another node.
 */
export class Silence {
  private hasHeard = false;
  private heardAtMs = 0;
  /** A channel was given up for its silence, and no message was answered since. */
  private onNewChannel = false;

  constructor(
    private readonly link: Link,
    private readonly channel: Pick<ReopeningChannel, 'renew' | 'openingForMs'>,
  ) {
    link.onUp(() => (this.onNewChannel = false));
  }

  channelOpened(): void {
    this.hasHeard = true;
  }

  answered(): void {
    this.hasHeard = true;
    this.onNewChannel = false;
  }

  /** Reads the clock once for all that was heard since the last time. */
  sweep(now: number): void {
    if (this.hasHeard) this.heardAtMs = now;
    this.hasHeard = false;
    const openingMs = this.channel.openingForMs;
    const isLate = openingMs > openMs && this.link.blocked === undefined;
    if (isLate) this.drop(now, `no channel from the broker in ${openingMs} ms`);
  }

  /**
   * A message was not confirmed in time.
   * @returns whether the channel was given up, which its owner is to close
   */
  waitedTooLong(now: number): boolean {
    const silentMs = now - this.heardAtMs;
    if (this.link.blocked !== undefined || silentMs < silenceMs) return false;
    const why = `no confirm from the broker in ${silentMs} ms`;
    if (!this.onNewChannel) return (this.onNewChannel = this.channel.renew(why));
    this.drop(now, `${why}, on a new channel too`);
    return false;
  }

  /** Once: what else waited too long waited on the same connection. */
  private drop(now: number, why: string): void {
    this.heardAtMs = now;
    this.link.drop(why);
  }
}

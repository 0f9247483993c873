import type { ServerResponse } from 'node:http';
import type { RawReply } from '../session/request';

/** Bytes that may wait for a page; one that is further behind is not told what comes meanwhile. */
const waitingMax = 262_144;
/** How long a page may read nothing at all. */
const stalledMs = 30_000;

/** Server-sent events to one page. */
export class PageStream {
  private readonly response: ServerResponse;
  private lastDrained = performance.now();

  constructor(reply: Pick<RawReply, 'hijack' | 'raw'>) {
    reply.hijack();
    this.response = reply.raw;
    this.response.on('error', () => undefined);
    this.response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      'x-content-type-options': 'nosniff',
    });
    this.response.write('retry: 1000\n\n');
  }

  get isOpen(): boolean {
    return !this.response.destroyed && !this.response.writableEnded;
  }

  /** It reads more slowly than we write. */
  get isBehind(): boolean {
    return this.response.writableLength > waitingMax;
  }

  onClose(listener: () => void): void {
    this.response.once('close', listener);
  }

  /** @returns false when it was left out, since the page is behind */
  send(event: string, value: unknown): boolean {
    return this.sendText(event, JSON.stringify(value));
  }

  /**
   * As `send`, of what is JSON already.
   * @param id what a page that comes again says that it has
   */
  sendText(event: string, json: string, id?: string): boolean {
    if (!this.isOpen || this.isBehind) return false;
    const first = id === undefined ? '' : `id: ${id}\n`;
    this.response.write(`${first}event: ${event}\ndata: ${json}\n\n`);
    return true;
  }

  /** Keeps the connection from looking idle; ends it when its page reads nothing. */
  heartbeat(): void {
    if (!this.isOpen) return;
    if (this.response.writableLength === 0) this.lastDrained = performance.now();
    else if (performance.now() - this.lastDrained > stalledMs) return this.cut();
    if (!this.isBehind) this.response.write(':\n\n');
  }

  end(): void {
    this.response.end();
  }

  cut(): void {
    this.response.destroy();
  }
}

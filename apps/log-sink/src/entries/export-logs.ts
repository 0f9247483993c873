import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import { encodeCursor, tooManyStreams } from '@tradepost/service';
import { Readable } from 'node:stream';
import { LogSinkConfig } from '../log-sink.config';
import type { LogFilter } from './log-filter';
import { LogsStore, type StoredEntry } from './logs.store';

/** Each holds a page in memory, and the database at work. */
const exportsMax = 4;
const pageSize = 1_000;
/** For the last page to reach a reader that is slow. */
const graceMs = 10_000;

type Position = readonly [time: string, id: string];

/** The last line: without it the file is truncated. */
interface Trailer {
  export: {
    entries: number;
    /** False: the time was over; go on from `nextCursor`. */
    complete: boolean;
    nextCursor: string | null;
  };
}

/** Entries as a file, a line each, newest first; read page by page, as fast as they are taken. */
@Injectable()
export class ExportLogs implements BeforeApplicationShutdown {
  private readonly running = new Set<Readable>();
  private isStopping = false;

  constructor(
    private readonly logs: LogsStore,
    private readonly config: LogSinkConfig,
  ) {}

  /** How many run. */
  get count(): number {
    return this.running.size;
  }

  beforeApplicationShutdown(): void {
    this.isStopping = true;
    const cutOff = () => this.running.forEach((file) => file.destroy());
    setTimeout(cutOff, this.config.SHUTDOWN_TIMEOUT_MS / 2).unref();
  }

  /**
   * @param before the entry that it goes on after
   * @throws Problem 503 (too many run, or the service stops); what the first page throws
   */
  async open(given: LogFilter, before?: Position): Promise<Readable> {
    if (this.isStopping || this.count >= exportsMax) throw tooManyStreams();
    // What comes from now on is no part of it.
    const filter = { ...given, to: given.to ?? new Date().toISOString() };
    const endsAt = performance.now() + this.config.LOG_EXPORT_MAX_MS;
    const first = this.logs.list(filter, before, pageSize);
    const file = Readable.from(this.lines(filter, first, endsAt), { objectMode: false });
    const timer = setTimeout(() => file.destroy(), this.config.LOG_EXPORT_MAX_MS + graceMs).unref();
    this.running.add(file);
    file.once('close', () => {
      clearTimeout(timer);
      this.running.delete(file);
    });
    // An error that its reader is told of, as long as nothing is sent.
    await first.catch((error: unknown) => {
      file.destroy();
      throw error;
    });
    return file;
  }

  private async *lines(
    filter: LogFilter,
    first: Promise<StoredEntry[]>,
    endsAt: number,
  ): AsyncGenerator<Buffer> {
    let entries = 0;
    for (let page = await first; ;) {
      entries += page.length;
      const lines = page.map((entry) => `${JSON.stringify(entry)}\n`);
      const last = page.at(-1);
      const complete = page.length < pageSize || last === undefined;
      if (complete || this.isStopping || performance.now() > endsAt) {
        const nextCursor = complete ? null : encodeCursor(positionOf(last));
        const trailer: Trailer = { export: { entries, complete, nextCursor } };
        yield Buffer.from(`${lines.join('')}${JSON.stringify(trailer)}\n`);
        return;
      }
      yield Buffer.from(lines.join(''));
      page = await this.logs.list(filter, positionOf(last), pageSize);
    }
  }
}

function positionOf({ time, id }: StoredEntry): Position {
  return [time.toISOString(), id];
}

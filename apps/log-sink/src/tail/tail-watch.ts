import { Injectable } from '@nestjs/common';
import { DatabaseUnavailable } from '@tradepost/database';
import { StreamWatch } from '@tradepost/service';
import { LogSinkConfig } from '../log-sink.config';
import type { TailStream } from './tail-stream';
import { TailStore } from './tail.store';

/** Entries for one reader in one poll: more than anybody reads, less than a browser minds. */
const entriesMax = 200;

/** Tells readers what came since the last poll, with a statement for each, one at a time. */
@Injectable()
export class TailWatch extends StreamWatch<TailStream> {
  constructor(
    config: LogSinkConfig,
    private readonly tail: TailStore,
  ) {
    super(config.EVENT_POLL_MS, 'new entries not read');
  }

  protected async poll(ready: TailStream[]): Promise<boolean> {
    let more = false;
    for (const stream of ready) {
      const heard = await this.next(stream);
      if (heard === undefined) continue;
      stream.hear(heard);
      more ||= heard.more;
    }
    return more;
  }

  // A reader whose filter takes too long must not hold up the others: it may come again.
  private async next(stream: TailStream) {
    try {
      return await this.tail.next(stream.wanted, stream.position, entriesMax);
    } catch (error) {
      if (!(error instanceof DatabaseUnavailable && error.isContention)) throw error;
      stream.destroy();
      return undefined;
    }
  }
}

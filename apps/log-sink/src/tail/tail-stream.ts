import { encodeCursor, EventStream } from '@tradepost/service';
import type { LogFilter } from '../entries/log-filter';
import type { Heard, TailPosition } from './tail.store';

/** The entries that fit a filter, as they come. */
export class TailStream extends EventStream {
  /** @param position the last entry that the reader has, or that it does not want */
  constructor(
    readonly wanted: LogFilter,
    public position: TailPosition,
  ) {
    super();
  }

  hear({ entries, skipped, position }: Heard): void {
    this.position = position;
    if (skipped > 0) this.skip(skipped);
    for (const { entry, position: at } of entries) {
      this.send({ id: encodeCursor(at), data: entry });
    }
  }

  /** @param count null: nobody knows */
  skip(count: number | null): void {
    this.send({ event: 'skipped', data: { count } });
  }
}

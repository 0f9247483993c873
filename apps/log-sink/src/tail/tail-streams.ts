import { Injectable } from '@nestjs/common';
import { decodeCursor, EventStreams, invalidRequest } from '@tradepost/service';
import type { LogFilter } from '../entries/log-filter';
import { LogSinkConfig } from '../log-sink.config';
import { TailStream } from './tail-stream';
import { TailWatch } from './tail-watch';
import { type TailPosition, TailStore } from './tail.store';

@Injectable()
export class TailStreams extends EventStreams<TailStream> {
  constructor(
    config: LogSinkConfig,
    watch: TailWatch,
    private readonly tail: TailStore,
  ) {
    super(config, watch);
  }

  /**
   * From now on, or from after the entry with that id on. One of too long ago is not gone back to.
   * @throws Problem 503 (too many are open, or the service stops), 400 (not the id of an event)
   */
  async open(filter: LogFilter, lastEventId: string | undefined): Promise<TailStream> {
    const last = lastEventId === undefined ? undefined : readPosition(lastEventId);
    const end = await this.tail.end();
    const oldest = last && (await this.tail.oldest());
    const isTooOld = last !== undefined && oldest !== undefined && isBefore(last, oldest);
    const from = isTooOld ? oldest : (last ?? end);
    return this.add(() => {
      const stream = new TailStream(filter, isBefore(from, end) ? from : end);
      if (isTooOld) stream.skip(null);
      return stream;
    });
  }
}

function isBefore([xact]: TailPosition, [other]: TailPosition): boolean {
  return BigInt(xact) < BigInt(other);
}

/** @throws Problem 400 */
function readPosition(text: string): TailPosition {
  const [xact, time, id] = decodePosition(text);
  if (!/^\d{1,19}$/.test(xact)) throw notAnEvent();
  return [xact, time, id];
}

function decodePosition(text: string) {
  try {
    return decodeCursor(text, 'string', 'time', 'string');
  } catch {
    throw notAnEvent();
  }
}

function notAnEvent() {
  return invalidRequest([{ pointer: '/Last-Event-ID', detail: 'must be the id of an event' }]);
}

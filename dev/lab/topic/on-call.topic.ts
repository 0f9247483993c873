import { Injectable } from '@nestjs/common';
import { OnTopic } from '@tradepost/messaging';
import { Column } from '../screen';
import { LogLine } from './log-line';

@Injectable()
export class OnCallTopic {
  constructor(private readonly column: Column) {}

  /** `critical` as one of the words of the key, wherever it stands. */
  @OnTopic(LogLine, { queue: 'critical', key: '#.critical.#' })
  async wake({ text }: LogLine): Promise<void> {
    this.column.say(`wakes up: "${text}"`);
  }
}

import { Injectable } from '@nestjs/common';
import { OnTopic } from '@tradepost/messaging';
import { Column } from '../screen';
import { LogLine } from './log-line';

@Injectable()
export class ArchiveTopic {
  constructor(private readonly column: Column) {}

  /** `#` is any number of words: everything. */
  @OnTopic(LogLine, { queue: 'everything', key: '#' })
  async keep({ text }: LogLine): Promise<void> {
    this.column.say(`keeps "${text}"`);
  }
}

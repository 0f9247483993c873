import { Injectable, Logger } from '@nestjs/common';

export interface Noted {
  /** `acknowledge alert`, `apply topology`, a drill. */
  operation: string;
  by: string;
  outcome: string;
  /** In words: what it was done to. */
  text: string;
}

/** What was done here, as a line of the log: services say the same of what is done at them. */
@Injectable()
export class Note {
  private readonly log = new Logger('Operations');

  say(noted: Noted): void {
    this.log.log('operation done', noted);
  }
}

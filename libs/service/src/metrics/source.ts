import { Logger } from '@nestjs/common';
import type { Reading } from './family';

/** So long an answer counts as new: several scrapers cost as much as one. */
const freshMs = 3_000;
const answerTimeoutMs = 2_000;

/**
 * Numbers that something else has to be asked for, such as the database: when they are wanted, one
 * question at a time, so that what does not answer is not asked out of its pool.
 */
export class Source {
  /** Whether the last question was answered in time. */
  isUp = true;
  private asking?: Promise<Reading>;
  private last: Reading = [];
  private answeredAt = -Infinity;
  private readonly log = new Logger('Metrics');

  constructor(
    readonly name: string,
    private readonly ask: () => Promise<Reading>,
  ) {}

  /** Within 2 s. @returns nothing when there was no answer */
  async read(): Promise<Reading> {
    if (performance.now() - this.answeredAt < freshMs) return this.last;
    try {
      this.last = await this.answer();
      this.answeredAt = performance.now();
      this.isUp = true;
      return this.last;
    } catch (error) {
      const facts = { source: this.name, error: String(error) };
      if (this.isUp) this.log.warn('metrics are missing: their source is silent', facts);
      this.isUp = false;
      return [];
    }
  }

  private async answer(): Promise<Reading> {
    this.asking ??= this.ask().finally(() => (this.asking = undefined));
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const error = new Error(`no answer in ${answerTimeoutMs} ms`);
      timer = setTimeout(() => reject(error), answerTimeoutMs);
    });
    try {
      return await Promise.race([this.asking, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}

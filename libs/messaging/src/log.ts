import { Logger } from '@nestjs/common';

/** A plain fact in the present tense, and its ids and figures in fields. */
type Line = [message: string, fields?: object];

/** The runtime logs through Nest's logger, under one name. */
export class Log {
  private readonly logger = new Logger('Messaging');

  debug(...line: Line): void {
    this.logger.debug(...line);
  }

  info(...line: Line): void {
    this.logger.log(...line);
  }

  warning(...line: Line): void {
    this.logger.warn(...line);
  }

  error(...line: Line): void {
    this.logger.error(...line);
  }
}

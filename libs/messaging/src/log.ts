import { Logger } from '@nestjs/common';

/** What the runtime has to say goes through Nest's logger, under one name. */
export class Log {
  private readonly logger = new Logger('Messaging');

  debug(line: string): void {
    this.logger.debug(line);
  }

  info(line: string): void {
    this.logger.log(line);
  }

  warning(line: string): void {
    this.logger.warn(line);
  }

  error(line: string): void {
    this.logger.error(line);
  }
}

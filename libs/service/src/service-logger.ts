import type { LoggerService } from '@nestjs/common';
import { type LogEntry, type LogLevel, logLevels } from '@tradepost/contracts';
import { currentTrace } from '@tradepost/messaging';
import { toEntry } from './log-entry';
import { type FormatLog, formatJson, formatText } from './log-format';
import { RateLimit } from './rate-limit';

export interface ServiceLoggerOptions {
  service: string;
  level: LogLevel;
  format: 'json' | 'text';
  coloured: boolean;
  topicPerSecondMax: number;
  write?: (line: string) => void;
}

/** Says one entry to the topic; false when it could not take it. */
export type TellEntry = (entry: LogEntry) => boolean;

/**
 * Nest's logger: every line goes to the console and, best effort, to the topic `logs`. The second
 * never waits and never throws; what it could not take is counted in `dropped`.
 */
export class ServiceLogger implements LoggerService {
  /** Lines that the topic did not get. */
  dropped = 0;

  private readonly format: FormatLog;
  private readonly write: (line: string) => void;
  private readonly limit: RateLimit;
  private tell?: TellEntry;
  private telling = false;

  constructor(private readonly options: ServiceLoggerOptions) {
    this.format = options.format === 'json' ? formatJson : formatText(options.coloured);
    this.write = options.write ?? ((line) => void process.stdout.write(`${line}\n`));
    this.limit = new RateLimit(options.topicPerSecondMax);
  }

  /** From now on lines go to the topic too. */
  tellThrough(tell: TellEntry): void {
    this.tell = tell;
  }

  verbose(message: unknown, ...params: unknown[]): void {
    this.say('debug', message, params);
  }

  debug(message: unknown, ...params: unknown[]): void {
    this.say('debug', message, params);
  }

  log(message: unknown, ...params: unknown[]): void {
    this.say('info', message, params);
  }

  warn(message: unknown, ...params: unknown[]): void {
    this.say('warning', message, params);
  }

  error(message: unknown, ...params: unknown[]): void {
    this.say('error', message, params);
  }

  fatal(message: unknown, ...params: unknown[]): void {
    this.say('critical', message, params);
  }

  private say(level: LogLevel, message: unknown, params: unknown[]): void {
    if (logLevels.indexOf(level) < logLevels.indexOf(this.options.level)) return;
    const traceId = currentTrace()?.traceId;
    const entry = toEntry(level, this.options.service, message, params, traceId);
    this.write(this.format(entry));
    this.publish(entry);
  }

  private publish(entry: LogEntry): void {
    if (!this.tell) return;
    // What telling itself logs must not be told again. The limit bounds what it logs later on.
    if (this.telling || !this.limit.take()) {
      this.dropped += 1;
      return;
    }
    this.telling = true;
    try {
      if (!this.tell(entry)) this.dropped += 1;
    } catch {
      this.dropped += 1;
    } finally {
      this.telling = false;
    }
  }
}

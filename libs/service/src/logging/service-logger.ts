import type { LoggerService } from '@nestjs/common';
import { type LogEntry, type LogLevel } from '@tradepost/contracts';
import { currentTrace } from '@tradepost/messaging';
import { type Logger, pino } from 'pino';
import { writeLine } from './console-lines';
import { readCall } from './log-call';
import { formatText } from './log-format';
import { type TellEntries, TopicLines } from './topic-lines';

export interface ServiceLoggerOptions {
  service: string;
  level: LogLevel;
  format: 'json' | 'text';
  coloured: boolean;
  topicPerSecondMax: number;
  write?: (line: string) => void;
}

const customLevels: Record<LogLevel, number> = {
  debug: 20,
  info: 30,
  warning: 40,
  error: 50,
  critical: 60,
};

/** Nest logs each module and route at each start: of use when one of them is missing. */
const bootContexts: unknown[] = [
  'NestFactory',
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
  'NestApplication',
];

/**
 * Pino behind Nest's logger. A line is a log entry as its contract has it; every line goes to the
 * console and, best effort, to the topic `logs`.
 */
export class ServiceLogger implements LoggerService {
  private readonly pino: Logger<LogLevel>;
  private readonly service: string;
  private readonly print: (entry: LogEntry) => void;
  private readonly topic: TopicLines;
  /** The last line that pino has made. */
  private line = '';

  constructor(options: ServiceLoggerOptions) {
    const { write = writeLine } = options;
    const format = options.format === 'text' ? formatText(options.coloured) : undefined;
    this.print = (entry) => write(format ? format(entry) : this.line);
    this.service = options.service;
    this.topic = new TopicLines(options.topicPerSecondMax);
    this.pino = pino(
      {
        customLevels,
        useOnlyCustomLevels: true,
        level: options.level,
        formatters: { level: (level) => ({ level }) },
        timestamp: false,
        base: undefined,
      },
      { write: (line) => void (this.line = line) },
    );
  }

  /** Lines that the topic did not get. */
  get dropped(): number {
    return this.topic.dropped;
  }

  /** Sends the lines so far and those to come to the topic too. */
  tellThrough(tell: TellEntries): void {
    this.topic.open(tell);
  }

  /** The service stops: its last lines go to the topic at once. */
  close(): void {
    this.topic.close();
  }

  verbose(message: unknown, ...params: unknown[]): void {
    this.write('debug', message, params);
  }

  debug(message: unknown, ...params: unknown[]): void {
    this.write('debug', message, params);
  }

  log(message: unknown, ...params: unknown[]): void {
    this.write(bootContexts.includes(params.at(-1)) ? 'debug' : 'info', message, params);
  }

  warn(message: unknown, ...params: unknown[]): void {
    this.write('warning', message, params);
  }

  error(message: unknown, ...params: unknown[]): void {
    this.write('error', message, params);
  }

  fatal(message: unknown, ...params: unknown[]): void {
    this.write('critical', message, params);
  }

  private write(level: LogLevel, first: unknown, params: unknown[]): void {
    if (!this.pino.isLevelEnabled(level)) return;
    const { message, context, data } = readCall(first, params);
    const time = new Date().toISOString();
    const { traceId, spanId } = currentTrace() ?? {};
    const fields = { time, service: this.service, message, context, traceId, spanId, data };
    this.pino[level](fields);
    const entry = { level, ...fields };
    this.print(entry);
    this.topic.push(entry, this.line.length);
  }
}

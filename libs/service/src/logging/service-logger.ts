import type { LoggerService } from '@nestjs/common';
import { type LogEntry, type LogLevel } from '@tradepost/contracts';
import { currentTrace } from '@tradepost/messaging';
import { type Logger, pino, stdTimeFunctions } from 'pino';
import { readCall } from './log-call';
import { formatText } from './log-format';
import { type TellEntry, TopicLines } from './topic-lines';

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
  private readonly topic: TopicLines;

  constructor(options: ServiceLoggerOptions) {
    const { write = (text: string) => void process.stdout.write(text) } = options;
    const format = options.format === 'text' ? formatText(options.coloured) : undefined;
    this.topic = new TopicLines(options.topicPerSecondMax);
    const toConsoleAndTopic = (line: string): void => {
      const entry = JSON.parse(line) as LogEntry;
      write(format ? format(entry) : line);
      this.topic.push(entry);
    };
    this.pino = pino(
      {
        customLevels,
        useOnlyCustomLevels: true,
        level: options.level,
        formatters: { level: (level) => ({ level }) },
        timestamp: stdTimeFunctions.isoTime,
        base: { service: options.service },
        messageKey: 'message',
      },
      { write: toConsoleAndTopic },
    );
  }

  /** Lines that the topic did not get. */
  get dropped(): number {
    return this.topic.dropped;
  }

  /** Sends the lines so far and those to come to the topic too. */
  tellThrough(tell: TellEntry): void {
    this.topic.open(tell);
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
    this.pino[level]({ context, traceId: currentTrace()?.traceId, data }, message);
  }
}

import type { LoggerService } from '@nestjs/common';
import { type LogLevel, logLevels } from '@tradepost/contracts';
import { currentTrace } from '@tradepost/messaging';
import { toEntry } from './log-entry';
import { type FormatLog, formatJson, formatText } from './log-format';
import { type TellEntry, TopicLines } from './topic-lines';

export interface ServiceLoggerOptions {
  service: string;
  level: LogLevel;
  format: 'json' | 'text';
  coloured: boolean;
  topicPerSecondMax: number;
  write?: (line: string) => void;
}

/** Nest tells each module and route at each start: of use to who looks for one that is missing. */
const bootContexts: unknown[] = [
  'NestFactory',
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
  'NestApplication',
];

/**
 * Nest's logger: every line goes to the console and, best effort, to the topic `logs`.
 */
export class ServiceLogger implements LoggerService {
  private readonly format: FormatLog;
  private readonly write: (line: string) => void;
  private readonly topic: TopicLines;

  constructor(private readonly options: ServiceLoggerOptions) {
    this.format = options.format === 'json' ? formatJson : formatText(options.coloured);
    this.write = options.write ?? ((line) => void process.stdout.write(`${line}\n`));
    this.topic = new TopicLines(options.topicPerSecondMax);
  }

  /** Lines that the topic did not get. */
  get dropped(): number {
    return this.topic.dropped;
  }

  /** From now on lines go to the topic too, and those that were said before. */
  tellThrough(tell: TellEntry): void {
    this.topic.open(tell);
  }

  verbose(message: unknown, ...params: unknown[]): void {
    this.say('debug', message, params);
  }

  debug(message: unknown, ...params: unknown[]): void {
    this.say('debug', message, params);
  }

  log(message: unknown, ...params: unknown[]): void {
    this.say(bootContexts.includes(params.at(-1)) ? 'debug' : 'info', message, params);
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
    this.topic.push(entry);
  }
}

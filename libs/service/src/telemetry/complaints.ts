import { Logger } from '@nestjs/common';
import type { DiagLogger } from '@opentelemetry/api';

const everyMs = 10 * 60_000;

/** What OpenTelemetry complains of, such as a collector that is away: a line in ten minutes. */
export class Complaints implements DiagLogger {
  /** Its last words are of what could not be sent any more. */
  isStopping = false;
  private readonly log = new Logger('Telemetry');
  private toldAt = -Infinity;
  private count = 0;

  error(message: string): void {
    this.complain(message);
  }

  warn(message: string): void {
    this.complain(message);
  }

  info(): void {}

  debug(): void {}

  verbose(): void {}

  private complain(message: string): void {
    this.count += 1;
    const now = performance.now();
    if (this.isStopping || now - this.toldAt < everyMs) return;
    this.toldAt = now;
    this.log.warn('traces are not exported', { error: firstLine(message), times: this.count });
  }
}

// Its errors come as JSON, with a stack.
function firstLine(message: string): string {
  try {
    const { name, message: text } = JSON.parse(message) as { name?: string; message?: string };
    return `${name ?? 'Error'}: ${text ?? message}`.slice(0, 200);
  } catch {
    return message.slice(0, 200);
  }
}

import type { LogEntry, LogLevel } from '@tradepost/contracts';
import { printable, printableLines } from '@tradepost/messaging';

const colours: Record<LogLevel, number> = {
  debug: 90,
  info: 32,
  warning: 33,
  error: 31,
  critical: 35,
};

/** `12:00:00.123 warning PlaceOrder order placed {"orderId":"7"} trace=4bf9…`: for people. */
export function formatText(coloured: boolean): (entry: LogEntry) => string {
  const paint = (code: number, text: string): string =>
    coloured ? `\u001b[${code}m${printable(text)}\u001b[0m` : printable(text);
  return ({ level, message, time, context, traceId, spanId, data = {} }) => {
    const { stack, ...fields } = data;
    const { error } = fields;
    const words = [
      paint(90, time.slice(11, 23)),
      paint(colours[level], level.padEnd(8)),
      context && paint(36, context),
      printable(message),
      Object.keys(fields).length > 0 && paint(90, JSON.stringify(fields)),
      traceId && paint(90, `trace=${traceId}`),
      spanId && paint(90, `span=${spanId}`),
    ];
    const below = typeof stack === 'string' ? indented(framesOf(stack, error)) : '';
    return `${words.filter(Boolean).join(' ')}\n${below}`;
  };
}

// It begins with the error, which the line has already.
function framesOf(stack: string, error: unknown): string {
  const isSaid = typeof error === 'string' && stack.startsWith(`${error}\n`);
  return isSaid ? stack.slice(error.length + 1) : stack;
}

// A stack begins with the error's message: none of its lines looks like one of the log.
function indented(stack: string): string {
  return `  ${printableLines(stack).replaceAll('\n', '\n  ')}\n`;
}

import type { LogEntry, LogLevel } from '@tradepost/contracts';

export type FormatLog = (entry: LogEntry) => string;

export const formatJson: FormatLog = (entry) => JSON.stringify(entry);

const colours: Record<LogLevel, number> = {
  debug: 90,
  info: 32,
  warning: 33,
  error: 31,
  critical: 35,
};

/** `12:00:00.123 warning PlaceOrder what happened {"more":1} trace=4bf9…`: for people to read. */
export function formatText(coloured: boolean): FormatLog {
  const paint = (code: number, text: string): string =>
    coloured ? `\u001b[${code}m${text}\u001b[0m` : text;
  return ({ level, message, time, context, traceId, data }) => {
    const { stack, rest } = splitStack(data);
    const words = [
      paint(90, time.slice(11, 23)),
      paint(colours[level], level.padEnd(8)),
      context && paint(36, context),
      message,
      Object.keys(rest).length > 0 && paint(90, JSON.stringify(rest)),
      traceId && paint(90, `trace=${traceId}`),
    ];
    return words.filter(Boolean).join(' ') + (stack ? `\n${stack}` : '');
  };
}

function splitStack(data: LogEntry['data'] = {}): {
  stack?: string;
  rest: Record<string, unknown>;
} {
  const { stack, ...rest } = data;
  return { stack: typeof stack === 'string' ? stack : undefined, rest };
}

import type { LogEntry, LogLevel } from '@tradepost/contracts';

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
    coloured ? `\u001b[${code}m${text}\u001b[0m` : text;
  return ({ level, message, time, context, traceId, data = {} }) => {
    const { stack, ...fields } = data;
    const words = [
      paint(90, time.slice(11, 23)),
      paint(colours[level], level.padEnd(8)),
      context && paint(36, context),
      message,
      Object.keys(fields).length > 0 && paint(90, JSON.stringify(fields)),
      traceId && paint(90, `trace=${traceId}`),
    ];
    const below = typeof stack === 'string' ? `${stack}\n` : '';
    return `${words.filter(Boolean).join(' ')}\n${below}`;
  };
}

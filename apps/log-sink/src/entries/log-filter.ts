import type { LogLevel } from '@tradepost/contracts';
import { Conditions, hasFields } from './sql';
import { hasWords } from './words';

export interface LogFilter {
  level?: LogLevel;
  service?: string;
  traceId?: string;
  /** Words of the message or of a field, or their beginnings. */
  q?: string;
  /** Fields of `data` and their values. */
  field?: Record<string, string>;
  /** Times, ISO 8601. */
  from?: string;
  /** Not those of this time. */
  to?: string;
}

/** As they are read: without what they are searched by. */
export const entryColumns = `
  id, time, level, service, message, context, trace_id AS "traceId", data`;

/** Of the list, the tail and the export: a filter means the same in all of them. */
export function conditionsOf({ level, service, traceId, q, field, from, to }: LogFilter) {
  return new Conditions({
    level: ['level = $', level],
    service: ['service = $', service],
    trace: ['trace_id = $', traceId],
    q: ['words @@ $::tsquery', q && hasWords(q)],
    field: ['data @@ $::jsonpath', field && hasFields(field)],
    from: ['time >= $', from],
    to: ['time < $', to],
  });
}

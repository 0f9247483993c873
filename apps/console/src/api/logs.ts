/**
 * | request | answer |
 * |---|---|
 * | GET  /api/logs?LogSearch&cursor=&limit= | Page of LogEntry |
 * | GET  /api/logs/tail?LogSearch | events: `entry` (LogEntry), `skipped` ({count}) |
 * | GET  /api/alerts?acknowledged=&cursor=&limit= | Page of Alert |
 * | POST /api/alerts/:id/acknowledge {note?} | Alert |
 */

export interface LogSearch {
  level?: string;
  service?: string;
  traceId?: string;
  q?: string;
  field?: Record<string, string>;
  from?: string;
  to?: string;
}

export interface LogEntry {
  id: string;
  time: string;
  level: 'debug' | 'info' | 'warning' | 'error' | 'critical';
  service: string;
  message: string;
  context: string | null;
  traceId: string | null;
  data: Record<string, unknown> | null;
}

export interface Alert {
  id: string;
  time: string;
  level: string;
  service: string;
  message: string;
  count?: number;
  acknowledged?: { by: string; at: string; note?: string } | null;
  [more: string]: unknown;
}

import { createHash } from 'node:crypto';
import type { Row } from '../entries/rows';

export const alertLevels = ['warning', 'critical'] as const;

export type AlertLevel = (typeof alertLevels)[number];

/**
 * Raises an alert when `threshold` lines of a kind fall into one window. Of a kind are lines of one
 * service with one message; windows follow each other from 1970 on.
 */
export interface AlertRule {
  id: string;
  name: string;
  level: AlertLevel;
  /** Null: of every service. */
  service: string | null;
  /** Null: with every message. */
  message: string | null;
  threshold: number;
  windowSeconds: number;
  /** Whether its alerts are told to ALERT_WEBHOOK_URL. */
  notify: boolean;
  createdAt: Date;
}

/** Lines of a kind that fell into a window of a rule. */
export interface KindCount {
  /** Of the alert. */
  id: string;
  rule: AlertRule;
  /** Milliseconds. */
  window: number;
  service: string;
  message: string;
  count: number;
  firstAt: string;
  lastAt: string;
  traceId?: string;
  data?: Record<string, unknown>;
}

/** Characters of a message that tell kinds apart. */
const messageMax = 500;

/** What a line counts for. */
export function countsOf(rows: readonly Row[], rules: readonly AlertRule[]): KindCount[] {
  const counts = new Map<string, KindCount>();
  for (const row of rows) {
    for (const rule of rules) {
      if (fits(row, rule)) addTo(counts, countOf(row, rule));
    }
  }
  return [...counts.values()];
}

/** As another one of its window: what is left when a window has too many kinds. */
export function amongOthers(count: KindCount): KindCount {
  const kind = { service: 'various', message: 'further kinds of lines' };
  return { ...count, ...kind, id: alertIdOf(count.window, count.rule.id, kind) };
}

/** Those of one alert as one. */
export function merged(counts: readonly KindCount[]): KindCount[] {
  const all = new Map<string, KindCount>();
  for (const count of counts) addTo(all, count);
  return [...all.values()];
}

/** The ids of alerts of a window are from the first one on, and before the second. */
export function idsOf(window: number): [from: string, to: string] {
  return [firstIdOf(window), firstIdOf(window + 1)];
}

function fits({ level, service, message }: Row, rule: AlertRule): boolean {
  return (
    rule.level === level &&
    (rule.service === null || rule.service === service) &&
    (rule.message === null || rule.message === message)
  );
}

function countOf({ service, message, time, traceId, data }: Row, rule: AlertRule): KindCount {
  const windowMs = rule.windowSeconds * 1_000;
  const window = Math.floor(Date.parse(time) / windowMs) * windowMs;
  const kind = { service, message: message.slice(0, messageMax) };
  const id = alertIdOf(window, rule.id, kind);
  return { id, rule, window, ...kind, count: 1, firstAt: time, lastAt: time, traceId, data };
}

function addTo(counts: Map<string, KindCount>, more: KindCount): void {
  const known = counts.get(more.id);
  if (known === undefined) return void counts.set(more.id, { ...more });
  known.count += more.count;
  if (more.firstAt < known.firstAt) known.firstAt = more.firstAt;
  if (more.lastAt > known.lastAt) known.lastAt = more.lastAt;
}

/** A UUIDv7 whose time is the window's start. */
function alertIdOf(
  window: number,
  ruleId: string,
  { service, message }: Pick<KindCount, 'service' | 'message'>,
): string {
  const hash = createHash('sha256').update(JSON.stringify([ruleId, service, message]));
  const hex = hash.digest('hex');
  const rest = `7${hex.slice(0, 3)}-8${hex.slice(3, 6)}-${hex.slice(6, 18)}`;
  return `${firstIdOf(window).slice(0, 13)}-${rest}`;
}

function firstIdOf(ms: number): string {
  const time = ms.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-0000-0000-000000000000`;
}

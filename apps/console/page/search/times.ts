const units: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * The moment that a person wrote: `15m`, `2h`, `3d` (ago), `09:30` (today), `2026-11-26`,
 * `2026-11-26T09:30`, or a whole ISO 8601 time; undefined: not understood. What has no zone is in
 * the reader's own.
 */
export function momentOf(text: string, now: number): string | undefined {
  const ago = /^(\d{1,5})([smhd])$/.exec(text);
  if (ago) {
    return new Date(now - Number(ago[1]) * (units[ago[2] ?? ''] ?? 0)).toISOString();
  }
  const clock = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(text);
  if (clock) {
    const day = new Date(now);
    day.setHours(Number(clock[1]), Number(clock[2]), 0, 0);
    return day.toISOString();
  }
  if (!/^\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:?\d\d)?)?$/.test(text)) {
    return undefined;
  }
  const at = new Date(text.length === 10 ? `${text}T00:00` : text);
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString();
}

/** A duration in the unit that has one to three digits: `0.4 ms`, `212 ms`, `3.1 s`, `4 min`. */
export function duration(ms: number): string {
  if (ms < 0) return `−${duration(-ms)}`;
  if (ms === 0) return '0 ms';
  if (ms < 9.95) return `${ms.toFixed(1)} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  const units: [name: string, ms: number, most: number][] = [
    ['s', 1_000, 99.5],
    ['min', 60_000, 99.5],
    ['h', 3_600_000, 47.5],
    ['d', 86_400_000, Infinity],
  ];
  for (const [name, size, most] of units) {
    const value = ms / size;
    if (value < 9.95 && name === 's') return `${value.toFixed(1)} ${name}`;
    if (value < most) return `${Math.round(value)} ${name}`;
  }
  return '';
}

/** `3 s ago`; the clocks of two machines differ, so that what is just ahead is now. */
export function ago(at: number, now: number): string {
  const ms = now - at;
  if (ms < -5_000) return `in ${duration(-ms)}`;
  if (ms < 1_500) return 'now';
  return ms < 59_500 ? `${Math.round(ms / 1_000)} s ago` : `${duration(ms)} ago`;
}

/** Minor units in the form of their currency: JPY has none, KWD a thousand. */
export function money(amount: number, currency: string): string {
  const form = formOf(currency);
  const digits = form.resolvedOptions().maximumFractionDigits ?? 2;
  return form.format(amount / 10 ** digits);
}

const forms = new Map<string, Intl.NumberFormat>();

function formOf(currency: string): Intl.NumberFormat {
  let form = forms.get(currency);
  if (!form) {
    form = new Intl.NumberFormat('en', { style: 'currency', currency });
    forms.set(currency, form);
  }
  return form;
}

const counts = new Intl.NumberFormat('en');

/** `1,204` */
export function count(value: number): string {
  return counts.format(value);
}

/** `1,204 messages`, `1 message` */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${counts.format(value)} ${value === 1 ? one : many}`;
}

/** Messages a second: `0.3/s`, `212/s`. */
export function perSecond(rate: number): string {
  if (rate === 0) return '0/s';
  return rate < 9.95 ? `${rate.toFixed(1)}/s` : `${counts.format(Math.round(rate))}/s`;
}

/** `48 MB` */
export function bytes(value: number): string {
  if (value < 1_000_000) return `${Math.round(value / 1_000)} kB`;
  return value < 1_000_000_000
    ? `${Math.round(value / 1_000_000)} MB`
    : `${(value / 1_000_000_000).toFixed(1)} GB`;
}

const absolutes = new Intl.DateTimeFormat('en-GB', {
  dateStyle: 'medium',
  timeStyle: 'medium',
});

const clocks = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });

/** `23:07:12` */
export function clock(at: number): string {
  return clocks.format(at);
}

/** `26 Nov 2026, 23:07:12.034` */
export function absolute(at: number): string {
  return `${absolutes.format(at)}.${String(Math.floor(at) % 1_000).padStart(3, '0')}`;
}

/** `a`, `a and b`, `a, b and 3 more` */
export function listed(words: string[], max = 3): string {
  const shown = words.length <= max ? words : words.slice(0, max - 1);
  const rest = words.length - shown.length;
  const all = rest > 0 ? [...shown, `${rest} more`] : shown;
  return all.length < 2 ? (all[0] ?? '') : `${all.slice(0, -1).join(', ')} and ${all.at(-1)}`;
}

/** In the unit that has one to three digits: `8 s`, `3 min`. */
export function roughly(seconds: number): string {
  if (seconds < 1) {
    return 'under a second';
  }
  if (seconds < 100) {
    return `about ${Math.ceil(seconds)} s`;
  }
  return seconds < 6_000
    ? `about ${Math.ceil(seconds / 60)} min`
    : `about ${Math.ceil(seconds / 3_600)} h`;
}

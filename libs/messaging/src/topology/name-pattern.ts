/**
 * A regular expression that matches these names, and these patterns, and no other. What names have
 * in common between their dots stands once: RabbitMQ 4.3 takes 1,024 bytes at most.
 */
export function anyOf(names: readonly string[], patterns: readonly string[] = []): string {
  const words = [...new Set(names)].sort().map((name) => name.split('.'));
  const each = [...branches(words), ...patterns];
  return each.length === 0 ? '^$' : `^(${each.join('|')})$`;
}

export function literal(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** First words that go on in the same way share what follows. */
function branches(names: readonly string[][]): string[] {
  const rests = new Map<string, string[][]>();
  for (const [first = '', ...rest] of names) {
    rests.set(first, [...(rests.get(first) ?? []), rest]);
  }
  const firsts = new Map<string, string[]>();
  for (const [first, following] of rests) {
    const rest = restOf(following);
    firsts.set(rest, [...(firsts.get(rest) ?? []), literal(first)]);
  }
  return [...firsts].flatMap(([rest, all]) => (rest === '' ? all : [oneOf(all) + rest]));
}

function restOf(rests: readonly string[][]): string {
  const more = rests.filter(({ length }) => length > 0);
  if (more.length === 0) return '';
  const rest = `\\.${oneOf(branches(more))}`;
  return more.length < rests.length ? `(${rest})?` : rest;
}

function oneOf(all: readonly string[]): string {
  return all.length === 1 ? `${all[0]}` : `(${all.join('|')})`;
}

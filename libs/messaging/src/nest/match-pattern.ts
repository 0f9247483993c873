/** As a topic exchange does: `*` is one word, `#` any number of words, at the end alone. */
export function matchPattern(pattern: string, key: string): boolean {
  const words = key.split('.');
  const parts = pattern.split('.');
  for (const [index, part] of parts.entries()) {
    if (part === '#') return index === parts.length - 1;
    if (words[index] === undefined || (part !== '*' && part !== words[index])) return false;
  }
  return parts.length === words.length;
}

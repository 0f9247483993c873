/** As a topic exchange does: `*` is one word, `#` any number of words. */
export function matchesKey(key: string, pattern: string): boolean {
  return key === pattern || matchesWords(key.split('.'), pattern.split('.'));
}

function matchesWords(words: readonly string[], parts: readonly string[]): boolean {
  const [part, ...others] = parts;
  if (part === undefined) return words.length === 0;
  const [word, ...rest] = words;
  if (part === '#') {
    return matchesWords(words, others) || (word !== undefined && matchesWords(rest, parts));
  }
  return word !== undefined && (part === '*' || part === word) && matchesWords(rest, others);
}

/** Of a line; its index takes no more. */
const wordsMax = 500;
/** Of objects in a field. */
const depthMax = 8;
/** Characters; a search for more of a word finds it by these. */
const wordMax = 100;
/** A shorter one stands for itself alone: half of all ids begin with `01`. */
const beginningMin = 3;

/** An id is one word, with hyphens or without; so is its beginning, where it is cut off. */
const hyphenated = /\b[\da-f]{8}(?:(-[\da-f]{4}){1,3}(-[\da-f]{0,12})?|-[\da-f]{1,4})\b/gi;

/** The words of a text, in lower case: each run of letters and digits. */
export function wordsOf(text: string): string[] {
  const joined = text.replace(hyphenated, (id) => id.replaceAll('-', ''));
  const words = joined.toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
  return words.map((word) => word.slice(0, wordMax));
}

/** What a line can be found by, as a tsvector: the words of its message and of its fields. */
export function searchable(message: string, data?: Record<string, unknown>): string {
  const words = new Set<string>();
  collect(message, words, 0);
  collect(data, words, 0);
  return [...words].join(' ');
}

function collect(value: unknown, words: Set<string>, depth: number): void {
  if (words.size >= wordsMax || depth > depthMax) return;
  if (typeof value === 'object' && value !== null) {
    for (const one of Object.values(value)) collect(one, words, depth + 1);
  } else if (typeof value === 'string' || typeof value === 'number') {
    for (const word of wordsOf(String(value))) if (words.size < wordsMax) words.add(word);
  }
}

/** The tsquery of the lines that have every word of the text, or one that begins with it. */
export function hasWords(text: string): string {
  return wordsOf(text)
    .map((word) => (word.length < beginningMin ? word : `${word}:*`))
    .join(' & ');
}

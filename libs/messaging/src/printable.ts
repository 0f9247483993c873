/** Control characters, ends of lines, and what turns the direction of a text. */
const unprintable = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

const short: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * A text from anywhere as a part of a line for people: it begins no line of its own and steers no
 * terminal. The escapes are those of JSON: JSON stays JSON of the same value.
 */
export function printable(text: string): string {
  return text.replace(unprintable, escapeOf);
}

/** The same for a text whose line feeds are meant. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}

function escapeOf(character: string): string {
  const code = character.charCodeAt(0).toString(16).padStart(4, '0');
  return short[character] ?? `\\u${code}`;
}

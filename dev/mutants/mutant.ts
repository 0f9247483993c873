/** A change of a file's text, and what it is to a reader. */
export interface Edit {
  start: number;
  end: number;
  text: string;
  change: string;
}

export interface Mutant extends Edit {
  /** Of its file and its change: the same in every run, wherever its line moves to. */
  id: string;
  /** Relative to the repository. */
  file: string;
  line: number;
  lastLine: number;
  kind: 'sql' | 'code';
  /** The functions of its file that it acts in; none where it acts without being called. */
  functions: string[];
}

/** On one line, not too long to read. */
export function brief(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 90 ? `${line.slice(0, 89)}…` : line;
}

export function removed(text: string, start: number, end: number): Edit {
  return { start, end, text: '', change: `removed: ${brief(text.slice(start, end))}` };
}

export function replaced(text: string, start: number, end: number, by: string): Edit {
  return { start, end, text: by, change: `${brief(text.slice(start, end))} → ${brief(by)}` };
}

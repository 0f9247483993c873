import { readFile, writeFile } from 'node:fs/promises';
import { withBlock } from '../marked-block';
import type { Pattern } from './stories';

export const patternsFile = 'docs/PATTERNS.md';

/** Puts what a pattern has shown where it is explained. */
export async function writeTranscript(pattern: Pattern, transcript: string): Promise<void> {
  const text = await readFile(patternsFile, 'utf8');
  const block = ['```', `$ npm run lab -- ${pattern}`, transcript.trim(), '```'].join('\n');
  await writeFile(patternsFile, withBlock(text, `lab:${pattern}`, block));
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Selection } from '../dead-letters/shapes';
import type { DeadLetters } from '../dead-letters/dead-letters';
import { utf8Text } from '../utf8';
import { exitCodes } from './dead-letters-arguments';
import { pretty } from './dead-letters-print';
import { CommandError } from './settings';

export const nothingSelected = (): CommandError =>
  new CommandError(exitCodes.nothing, 'no dead letter is selected');

const refused = (why: string): CommandError => new CommandError(exitCodes.stayed, why);
const declined = (why: string): CommandError => new CommandError(exitCodes.declined, why);

/** Opens the body of the one dead letter in $VISUAL or $EDITOR. @throws CommandError */
export async function editedContent(
  deadLetters: DeadLetters,
  selection: Selection,
): Promise<Buffer> {
  const found = await deadLetters.show(selection.ids?.[0] ?? '', selection);
  const [deadLetter] = found;
  if (deadLetter === undefined) throw nothingSelected();
  if (found.length > 1) throw refused(`${found.length} dead letters have this id: give --queue`);
  const before = `${pretty(deadLetter.body)}\n`;
  const after = await edit(before);
  if (after === before) throw declined('unchanged: nothing was sent');
  const content = Buffer.from(compact(after));
  const problem = deadLetters.problemWith(deadLetter, content);
  if (problem !== undefined) throw refused(`nothing was sent: ${problem}`);
  return content;
}

async function edit(text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'dead-letter-'));
  const file = join(folder, 'body.json');
  try {
    await writeFile(file, text, { mode: 0o600 });
    await runEditor(file);
    const edited = utf8Text(await readFile(file));
    if (edited === undefined) throw refused('nothing was sent: not UTF-8');
    return edited;
  } finally {
    await rm(folder, { recursive: true });
  }
}

// Through a shell, as git does: an editor may come with arguments.
async function runEditor(file: string): Promise<void> {
  const editor = process.env.VISUAL || process.env.EDITOR || 'vi';
  const child = spawn(`${editor} "${file}"`, { shell: true, stdio: 'inherit' });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw declined(`${editor} ended with ${code}: nothing was sent`);
}

function compact(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text));
  } catch (error) {
    throw refused(`nothing was sent: not JSON: ${(error as Error).message}`);
  }
}

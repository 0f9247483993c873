import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { patternsFile } from '../lab/document';
import type { Pattern } from '../lab/stories';
import { blockIn } from '../marked-block';

const root = join(__dirname, '../..');

/** What docs/PATTERNS.md says that a pattern shows. */
export function documented(pattern: Pattern): string {
  const block = blockIn(readFileSync(join(root, patternsFile), 'utf8'), `lab:${pattern}`);
  return block.replace(/^\n```\n\$ [^\n]*\n/, '').replace(/\n```\n$/, '');
}

/** What it shows now, told fast; without what stands around it. */
export async function shown(pattern: Pattern): Promise<string> {
  const argv = ['dist/dev/lab.js', pattern, '--every', '100ms'];
  const { stdout } = await promisify(execFile)(process.execPath, argv, { cwd: root });
  const [, transcript = ''] = /\nBroker: [^\n]*\n\n([^]*)\n\nMore: /.exec(`\n${stdout}`) ?? [];
  return transcript;
}

/**
 * What has to be the same each time: times and ids are taken out, who was free to do a piece of
 * work, and what happened at the same time in which order.
 */
export function normalised(transcript: string): string[] {
  const lines = transcript
    .replace(/correlation id …\S+/g, 'correlation id …')
    .replace(/reply-to\.…[^\s,]+/g, 'reply-to.…')
    .replace(/worker \d packed \d+/g, 'worker packed')
    .split('\n')
    .map((line) => line.replace(/^ +\d+\.\d s +/, 'at: ').trimEnd())
    // A copy of a message may come, or not: it has no effect.
    .filter((line) => !line.startsWith('at: a copy of'));
  const events = lines.filter((line) => line.startsWith('at: ')).sort();
  return [...lines.filter((line) => !line.startsWith('at: ')), ...events];
}

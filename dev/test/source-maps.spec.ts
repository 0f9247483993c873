import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const dist = resolve('dist');

describe('the source maps', () => {
  it('name sources that exist', () => {
    const names = readdirSync(dist, { recursive: true, encoding: 'utf8' });
    const maps = names.filter((name) => name.endsWith('.js.map')).map((name) => join(dist, name));
    const dead = maps.filter((map) => !sourcesOf(map).every((source) => existsSync(source)));

    expect(maps.length).toBeGreaterThan(100);
    expect(dead).toEqual([]);
  });

  it('lead from the stack of an error to the line that threw it', () => {
    const thrower = join(dist, 'ops/shop/arguments.js');
    const program = `require(${JSON.stringify(thrower)}).wholeNumber('rate', 'many')`;
    const { stderr } = spawnSync(process.execPath, ['--enable-source-maps', '-e', program]);
    const [, file = '', line = ''] = /\((.+\.ts):(\d+):\d+\)/.exec(stderr.toString()) ?? [];

    expect(file).toBe(resolve('ops/shop/arguments.ts'));
    expect(readFileSync(file, 'utf8').split('\n')[Number(line) - 1]).toContain('throw new Usage');
  });
});

function sourcesOf(map: string): string[] {
  const { sources } = JSON.parse(readFileSync(map, 'utf8')) as { sources: string[] };
  return sources.map((source) => resolve(dirname(map), source));
}

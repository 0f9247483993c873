import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const run = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['dev/run.mjs', ...args], {
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
};

describe('the entry of every command', () => {
  it('names all that package.json has', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      scripts: Record<string, string>;
    };
    const { stdout } = run('--help');
    const [, list = ''] = /^ {2}(\w[^`]+)$/m.exec(stdout) ?? [];

    const wanted = Object.values(scripts).flatMap(
      (script) => /run\.mjs (\S+)/.exec(script)?.[1] ?? [],
    );
    expect(list.trim().split(/\s+/)).toEqual([...new Set(wanted)].sort());
  });

  // A file beside the commands that is none: it would run and print nothing.
  it.each(['time', 'gone'])('refuses %s, which is no command', (name) => {
    expect(run(name)).toEqual({
      status: 1,
      stdout: '',
      stderr: `There is no command ${name}. node dev/run.mjs --help names all.\n`,
    });
  });
});

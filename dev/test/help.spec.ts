import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  scripts: Record<string, string>;
};

/** What each script runs, and what an installation of libs/messaging has. */
const ours = Object.entries(scripts).filter(([, script]) => script.startsWith('node dev/run.mjs'));
const library = readdirSync('libs/messaging/bin').filter((name) => name !== 'config.ts');
const programs: [name: string, argv: string[]][] = [
  ['dev/run.mjs', ['dev/run.mjs']],
  ...ours.map(([name, script]): [string, string[]] => [name, programOf(script)]),
  ...library.map((file): [string, string[]] => [
    `messaging-${file}`,
    [`dist/libs/messaging/bin/${file.replace('.ts', '.js')}`],
  ]),
];

describe('every command', () => {
  it('is tried here', () => {
    expect(programs.length).toBeGreaterThan(20);
    const others = Object.keys(scripts).filter((name) => !ours.some(([one]) => one === name));
    // Prettier's own.
    expect(others).toEqual(['format']);
  });

  it.each(programs)('%s --help says how it is used, by an example too', async (_name, argv) => {
    const { code, stdout, stderr } = await run([...argv, '--help']);

    expect(stdout).toMatch(/^Usage: [^]*?(  --?\w|Options|no options|COMMAND)[^]*?Example: /);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it.each(programs)('%s refuses in a sentence what it does not know', async (_name, argv) => {
    const { code, stdout, stderr } = await run([...argv, '--nonsense']);

    expect(code).toBeGreaterThan(0);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^[^\n]*nonsense[^\n]*[.]\s[^\n]*--help[^\n]*\n$/);
  });
});

/** Without what builds, where it is not the command itself. */
function programOf(script: string): string[] {
  const [, runner = '', command = '', ...args] = script.split(' ');
  if (command === 'build') return [runner, command];
  const folder = ['ops', 'dev', 'bench', 'test/faults', 'test/fuzz'].find((one) =>
    existsSync(join(one, `${command}.ts`)),
  );
  return [join('dist', folder ?? '', `${command}.js`), ...args];
}

interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

function run(argv: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, argv, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { appNames } from '../../apps/services';

const root = resolve(__dirname, '../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');

/** Each command of ops without its surroundings: its arguments, and what it prints. */
const commands: Record<string, [args: string[], says: RegExp]> = {
  audit: [['--help'], /--settled/],
  'dead-letters': [['--help'], /replay ID/],
  health: [[], /^PORT is not set/],
  migrate: [[], /^POSTGRES_URL is not set/],
  topology: [['plan'], /^no broker/],
};

describe('the image', () => {
  let folder: string;
  let image: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'image-'));
    image = build(folder);
  }, 60_000);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('holds apps, libs and ops, and no test', () => {
    expect(readdirSync(join(image, 'dist')).sort()).toEqual(['apps', 'libs', 'ops']);
    const files = readdirSync(join(image, 'dist'), { recursive: true }) as string[];
    expect(files.filter((file) => /(^|\/)test\/|\.spec\./.test(file))).toEqual([]);
  });

  it('holds the documents of the contracts', () => {
    expect(readdirSync(join(image, 'docs')).sort()).toEqual(['asyncapi.json', 'openapi']);
  });

  it('holds every command that is tried here', () => {
    const found = readdirSync(join(image, 'dist/ops')).filter((file) => file.endsWith('.js'));
    expect(found.map((file) => basename(file, '.js')).sort()).toEqual(Object.keys(commands).sort());
  });

  it.each(Object.keys(commands))('starts ops/%s', (name) => {
    const [args, says] = commands[name] ?? [[], /never/];
    expect(run(`dist/ops/${name}.js`, args)).toMatch(says);
  });

  it.each(appNames)('starts %s', (name) => {
    expect(run(`dist/apps/${name}/src/main.js`, [])).toMatch(/PORT="none"/);
  });

  /** @returns its output; an invalid PORT keeps services from starting. */
  function run(program: string, args: string[]): string {
    const env = { PATH: process.env.PATH, PORT: 'none' };
    const { stdout, stderr } = spawnSync(process.execPath, [program, ...args], { cwd: image, env });
    return `${stdout.toString()}${stderr.toString()}`.trim();
  }
});

/** What the Dockerfile makes of this checkout, but for the installing of packages. */
function build(folder: string): string {
  const [app, image] = [join(folder, 'app'), join(folder, 'runtime')];
  mkdirSync(app);
  symlinkSync(join(root, 'node_modules'), join(app, 'node_modules'));
  const [, stage = ''] = read('Dockerfile').split(/^FROM .*$/m);
  for (const [, instruction, rest = ''] of stage.matchAll(/^(COPY|RUN) (.*)$/gm)) {
    if (instruction === 'COPY') copy(rest.split(' '), app);
    else if (!rest.includes('npm ci')) shell(rest.replaceAll('/runtime', image), app);
  }
  for (const path of productionPackages()) {
    mkdirSync(dirname(join(image, path)), { recursive: true });
    symlinkSync(join(root, path), join(image, path));
  }
  return image;
}

/** As docker does it, with .dockerignore: the paths it lets in, and names that it does not. */
function copy(paths: string[], app: string): void {
  const rules = read('.dockerignore')
    .split('\n')
    .filter((line) => line && !line.startsWith('#'));
  const names = rules.flatMap((rule) => (rule.startsWith('**/') ? [rule.slice(3)] : []));
  expect(rules[0]).toBe('*');
  const sources = paths.slice(0, -1);
  const target = join(app, paths.at(-1) ?? '');
  for (const source of sources) {
    expect(rules).toContain(`!${source}`);
    const to = sources.length > 1 || target.endsWith('/') ? join(target, basename(source)) : target;
    cpSync(join(root, source), to, {
      recursive: true,
      filter: (path) => !names.includes(basename(path)),
    });
  }
}

function shell(command: string, cwd: string): void {
  const { status, stderr } = spawnSync('sh', ['-c', command], { cwd });
  if (status !== 0) throw new Error(`${command}: ${stderr.toString()}`);
}

/** What is installed where nobody develops. */
function productionPackages(): string[] {
  const { packages } = JSON.parse(read('package-lock.json')) as {
    packages: Record<string, { dev?: boolean; devOptional?: boolean; optional?: boolean }>;
  };
  return Object.entries(packages)
    .filter(([, { dev, devOptional, optional }]) => !(dev || devOptional || optional))
    .map(([path]) => path)
    .filter((path) => /^node_modules\/(@[^/]+\/)?[^/]+$/.test(path));
}

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

const root = join(__dirname, '../..');
const columnsMax = 160;
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** Everything wrong in one document: dead links and anchors, wide lines, commands and paths that do not exist. */
function problemsOf(path: string, text: string): string[] {
  const prose = text.replace(/^```[^]*?^```/gm, '');
  return [
    ...deadLinks(path, prose),
    ...wideLines(text),
    ...deadCommands(text),
    ...deadPaths(prose),
  ].map((problem) => `${path}: ${problem}`);
}

function deadLinks(path: string, prose: string): string[] {
  const links = [...prose.matchAll(/\]\(([^)\s]+)\)|^\[[^\]]+\]: (\S+)$/gm)].map(
    ([, inline, reference]) => inline ?? reference ?? '',
  );
  const undefinedLinks = [...prose.matchAll(/\]\[([\w.-]+)\]/g)]
    .map(([, label = '']) => label)
    .filter((label) => !prose.includes(`\n[${label}]: `))
    .map((label) => `[${label}]`);
  const dead = links.filter((link) => !/^https?:/.test(link) && !resolves(path, link));
  return [...dead, ...undefinedLinks];
}

function resolves(from: string, link: string): boolean {
  const [file = '', anchor] = link.split('#');
  const target = file === '' ? from : normalize(join(dirname(from), file));
  if (!existsSync(join(root, target))) return false;
  return anchor === undefined || anchorsOf(read(target)).includes(anchor);
}

/** As GitHub makes them of headings. */
function anchorsOf(text: string): string[] {
  const headings = text.replace(/^```[^]*?^```/gm, '').matchAll(/^#+ (.+)$/gm);
  return [...headings].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

// What a command writes into a page, or a test compares with the code, is as wide as its words.
const written = /<!-- (bench:\w+|metrics) -->[^]*?<!-- \/\1 -->/g;

function wideLines(text: string): string[] {
  const typed = text.replace(written, (table) => table.replace(/[^\n]+/g, ''));
  return typed.split('\n').flatMap((line, index) => {
    const columns = [...line].length;
    return columns > columnsMax ? [`line ${index + 1} has ${columns} columns`] : [];
  });
}

function deadCommands(text: string): string[] {
  const { scripts } = JSON.parse(read('package.json')) as {
    scripts: Record<string, string>;
  };
  const named = [...text.matchAll(/npm run ([a-z][a-z\d:-]*)/g)].map(([, name = '']) => name);
  return named.filter((name) => !(name in scripts)).map((name) => `npm run ${name}`);
}

function deadPaths(prose: string): string[] {
  const named = [...prose.matchAll(/`((?:apps|libs|ops|dev|test|docs)\/[\w./-]+)`/g)].map(
    ([, path = '']) => path,
  );
  return named.filter((path) => !existsSync(join(root, path)));
}

function tracked(...patterns: string[]): string[] {
  const listed = execFileSync('git', ['ls-files', '-z', ...patterns], {
    cwd: root,
    encoding: 'utf8',
  });
  return listed.split('\0').filter((path) => path !== '' && existsSync(join(root, path)));
}

describe('the documents', () => {
  it('name only files, headings and commands that exist, on lines that fit', () => {
    const problems = tracked('*.md').flatMap((path) => problemsOf(path, read(path)));

    expect(problems).toEqual([]);
  });

  it('are there when code names them', () => {
    const named = tracked('*.ts', '*.mjs', '*.cjs', '*.js', '*.yml', 'Dockerfile').flatMap((path) =>
      [...read(path).matchAll(/docs\/[\w/-]+\.md/g)].map(([document]) => document),
    );

    expect(named.filter((document) => !existsSync(join(root, document)))).toEqual([]);
  });

  it('have every variable of a service', () => {
    const configs = tracked('apps/*/src/*.config.ts', 'libs/service/src/config/*-config.ts');
    const names = configs.flatMap((path) =>
      [...read(path).matchAll(/^ +(?:override )?([A-Z][A-Z_]+)[?!]?[:= ]/gm)].map(
        ([, name]) => name,
      ),
    );

    expect(names.length).toBeGreaterThan(20);
    expect(names.filter((name) => !read('docs/CONFIGURATION.md').includes(`\`${name}\``))).toEqual(
      [],
    );
  });

  it('have every type of a problem', () => {
    const types = tracked('apps/*/src/*.ts', 'libs/service/src/*.ts').flatMap((path) =>
      [...read(path).matchAll(/status: [45]\d\d,\s+type: '([a-z-]+)'/g)].map(([, type]) => type),
    );

    expect(types.length).toBeGreaterThan(20);
    expect(types.filter((type) => !read('docs/API.md').includes(`\`${type}\``))).toEqual([]);
  });

  it('are refused with a dead link, anchor, command or path, or a wide line', () => {
    const bad = `[a](GONE.md) [b](#gone) [c][gone] \`npm run gone\` \`dev/gone.ts\`\n${'x'.repeat(161)}`;

    expect(problemsOf('docs/STYLE.md', bad)).toEqual([
      'docs/STYLE.md: GONE.md',
      'docs/STYLE.md: #gone',
      'docs/STYLE.md: [gone]',
      'docs/STYLE.md: line 2 has 161 columns',
      'docs/STYLE.md: npm run gone',
      'docs/STYLE.md: dev/gone.ts',
    ]);
  });
});

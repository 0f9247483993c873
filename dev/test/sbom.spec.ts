import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface Package {
  version?: string;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  peerDependenciesMeta?: Record<string, { optional?: boolean }>;
}

interface Bom {
  bomFormat: string;
  metadata: { component: { name: string } };
  components: { purl: string; hashes: unknown[]; licenses: unknown[] }[];
}

const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
  packages: Record<string, Package>;
};

/** Walked from what package.json depends on: an optional peer counts when nothing else brings it not. */
function whatRuns(): string[] {
  const found = new Set<string>();
  const visit = (from: string, name: string): void => {
    for (let folder = from; ; folder = folder.replace(/\/?node_modules\/(@[^/]+\/)?[^/]+$/, '')) {
      const path = `${folder}${folder === '' ? '' : '/'}node_modules/${name}`;
      if (path in packages) return follow(path);
      if (folder === '') return;
    }
  };
  const follow = (path: string): void => {
    if (found.has(path)) return;
    if (path !== '') found.add(path);
    const { dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta } =
      packages[path] ?? {};
    const peers = Object.keys(peerDependencies ?? {}).filter(
      (name) => !peerDependenciesMeta?.[name]?.optional,
    );
    const all = [...Object.keys({ ...dependencies, ...optionalDependencies }), ...peers];
    for (const name of all) visit(path, name);
  };
  follow('');
  return [...found].map((path) => {
    const name = path.replace(/^.*node_modules\//, '').replace('@', '%40');
    return `pkg:npm/${name}@${packages[path]?.version}`;
  });
}

it('the bill of materials names what runs and nothing else, with hash and licence', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sbom-'));
  try {
    const file = join(folder, 'new/sbom.json');
    const said = execFileSync(process.execPath, ['dist/dev/sbom.js', '--output', file]).toString();
    const bom = JSON.parse(readFileSync(file, 'utf8')) as Bom;
    expect(bom).toMatchObject({
      bomFormat: 'CycloneDX',
      metadata: { component: { name: 'tradepost' } },
    });
    const named = bom.components.map(({ purl }) => purl);
    expect(named.sort()).toEqual([...new Set(whatRuns())].sort());
    expect(said).toBe(`${named.length} packages in ${file}\n`);
    for (const { hashes, licenses } of bom.components) {
      expect(hashes).not.toEqual([]);
      expect(licenses).not.toEqual([]);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 60_000);

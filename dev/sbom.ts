import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { readArguments } from '../ops/shop/arguments';
import { runCommand } from '../ops/shop/run-command';

const defaultFile = '.tradepost/sbom.cdx.json';
const npmMs = 60_000;
const bytesMax = 64 * 1_024 * 1_024;

const usage = `Usage: npm run sbom [-- --output FILE]
Writes the software bill of materials: each package that runs, with version, licence, hash and what
it depends on, as CycloneDX 1.5. It is made of package-lock.json; nothing is asked in the network.
  --output FILE  ${defaultFile} by default
Example: npm run sbom -- --output sbom.cdx.json`;

interface Bom {
  metadata: { component: { name: string } };
  components: unknown[];
}

async function main(): Promise<void> {
  const options = { output: { type: 'string', default: defaultFile } } as const;
  const { output } = readArguments({ options }).values;
  const folder = await mkdtemp(join(tmpdir(), 'sbom-'));
  try {
    const bom = await billOfMaterials(folder);
    await mkdir(dirname(output), { recursive: true });
    await writeFile(output, `${JSON.stringify(bom, null, 2)}\n`);
    console.log(`${bom.components.length} packages in ${output}`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Of the packages that the image installs, by the steps of the Dockerfile. `npm sbom --omit dev`
 * would leave out each package that a development dependency needs as well.
 */
async function billOfMaterials(folder: string): Promise<Bom> {
  for (const file of ['package.json', 'package-lock.json'])
    await copyFile(file, join(folder, file));
  await npm(folder, 'pkg', 'delete', 'devDependencies');
  await npm(folder, 'install', '--package-lock-only', '--offline', '--no-audit', '--no-fund');
  const kind = ['--sbom-format', 'cyclonedx', '--sbom-type', 'application'];
  const bom = JSON.parse(await npm(folder, 'sbom', ...kind, '--package-lock-only')) as Bom;
  // npm names it after the folder.
  bom.metadata.component.name = 'tradepost';
  return bom;
}

async function npm(cwd: string, ...given: string[]): Promise<string> {
  const cli = process.env.npm_execpath;
  const [program, args] = cli?.endsWith('.js')
    ? [process.execPath, [cli, ...given]]
    : ['npm', given];
  const shell = program === 'npm' && process.platform === 'win32';
  const limits = { timeout: npmMs, maxBuffer: bytesMax };
  const { stdout } = await promisify(execFile)(program, args, { ...limits, cwd, shell });
  return stdout;
}

runCommand(usage, main);

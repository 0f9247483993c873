// The entry of every command: `node dev/run.mjs start|test|check|build|… [arguments]`.
// It needs Node alone, installs packages and builds dist when they are missing or old, and says so.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const nodeMin = [20, 19];
const commandFolders = ['ops', 'dev', 'bench', 'test/faults', 'test/fuzz'];
const asksForHelp = (given) => given.includes('--help');
/** What runs the console. */
const pageCommands = ['build', 'start', 'test', 'screenshots'];
const hashLength = 16;
/** Built pages that are kept beside the current one. */
const pagesMax = 3;
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const path = (...names) => join(root, ...names);
const [command, ...args] = process.argv.slice(2);
/** Those that there are: who makes the repository theirs deletes some. */
const yards = ['apps', 'libs', 'ops', 'dev', 'bench', 'test', 'examples'].filter((yard) =>
  existsSync(path(yard)),
);

try {
  process.chdir(root);
  forgetLibpq();
  checkNode();
  const known = commands();
  if (command === '--help') console.log(usage(known));
  else if (command === 'build' && args.length > 0) helpWithBuild();
  else if (known.includes(command)) await main();
  else throw new Error(`There is no command ${command ?? ''}. node dev/run.mjs --help names all.`);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

async function main() {
  await ensurePackages();
  const isNew = await ensureBuild();
  if (pageCommands.includes(command) && !asksForHelp(args)) await ensurePage();
  if (command !== 'build') process.exitCode = await runCommand();
  else if (!isNew) console.log('dist is up to date.');
}

/** Those that package.json has scripts for. */
function commands() {
  const { scripts } = JSON.parse(readFileSync(path('package.json'), 'utf8'));
  const named = Object.values(scripts).map(
    (script) => /^node dev\/run\.mjs (\S+)/.exec(script)?.[1],
  );
  return [...new Set(named.filter((name) => name !== undefined))];
}

function usage(known) {
  return `Usage: node dev/run.mjs COMMAND [options]
Installs packages and builds when they are missing or old, and runs the command:
  ${known.sort().join('\n  ')}
\`npm run COMMAND -- --help\` says more of each.
Example: node dev/run.mjs start`;
}

function helpWithBuild() {
  if (!asksForHelp(args)) {
    throw new Error(`build takes no options, and no "${args[0]}". --help says what it does.`);
  }
  console.log(`Usage: npm run build
Installs packages if need be, and builds dist and the console's page if they are old.
Takes no options.
Example: npm run build`);
}

function runCommand() {
  const program = path('dist', folderOf(command), `${command}.js`);
  return run(process.execPath, ['--enable-source-maps', program, ...args]);
}

// PGSSLMODE, PGOPTIONS and so on are a shell's for psql. The services do not look at them; tests
// and the systems that are compared with ours have clients that would.
function forgetLibpq() {
  for (const name of Object.keys(process.env)) {
    if (name.startsWith('PG')) delete process.env[name];
  }
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > nodeMin[0] || (major === nodeMin[0] && minor >= nodeMin[1])) return;
  throw new Error(
    `Tradepost needs Node ${nodeMin.join('.')} or newer; this is ${process.version}.`,
  );
}

function folderOf(name) {
  return commandFolders.find((folder) => existsSync(path(folder, `${name}.ts`)));
}

// node_modules as package-lock.json says; which lock it was made from is noted inside.
async function ensurePackages() {
  const lock = readFileSync(path('package-lock.json'));
  const wanted = createHash('sha256').update(lock).digest('hex');
  const marker = path('node_modules/.tradepost');
  if (readText(marker) === wanted) return;
  if (!isInstalled(JSON.parse(lock))) {
    console.log('Installing packages (npm ci)');
    // devDependencies too: a build needs them.
    const code = await run(...npm(['ci', '--include=dev', '--no-audit', '--no-fund']));
    if (code !== 0) throw new Error('npm ci failed; what it says above is why.');
  }
  writeFileSync(marker, wanted);
}

// npm keeps its own record of what it installed: it counts after an npm ci by hand.
function isInstalled({ packages }) {
  const text = readText(path('node_modules/.package-lock.json'));
  if (text === undefined) return false;
  const installed = JSON.parse(text).packages;
  return Object.entries(packages).every(([name, { version, optional, link }]) => {
    if (name === '' || optional || link) return true;
    return installed[name]?.version === version;
  });
}

function npm(rest) {
  const cli = process.env.npm_execpath;
  if (cli?.endsWith('.js')) return [process.execPath, [cli, ...rest]];
  return ['npm', rest, { shell: process.platform === 'win32' }];
}

// Built aside and then put in place, so that a service that runs from dist never finds half of it;
// as deep as dist, for source maps name sources from where they were built.
/** @returns whether there was something to build */
async function ensureBuild() {
  const stamp = path('dist/.built');
  const wanted = fingerprint();
  if (readText(stamp) === wanted) return false;
  const began = performance.now();
  const fresh = `.dist-${process.pid}`;
  const swc = fileURLToPath(import.meta.resolve('@swc/cli/bin/swc.js'));
  const code = await run(process.execPath, [swc, ...yards, '-d', fresh, '--quiet']);
  if (code !== 0) {
    rmSync(path(fresh), { recursive: true, force: true });
    throw new Error('The build failed; what it says above is why.');
  }
  writeFileSync(path(fresh, '.built'), wanted);
  const old = path(`.tradepost/old-${process.pid}`);
  mkdirSync(dirname(old), { recursive: true });
  if (existsSync(path('dist'))) renameSync(path('dist'), old);
  renameSync(path(fresh), path('dist'));
  rmSync(old, { recursive: true, force: true });
  console.log(`Built in ${((performance.now() - began) / 1000).toFixed(1)} s`);
  return true;
}

function fingerprint() {
  const hash = createHash('sha256');
  for (const file of ['.swcrc', 'package-lock.json', ...yards.flatMap(sources)]) {
    const { mtimeMs, size } = statSync(path(file));
    hash.update(`${file} ${mtimeMs} ${size}\n`);
  }
  return hash.digest('hex');
}

function sources(folder) {
  return readdirSync(path(folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(root.length + 1))
    .sort();
}

// The console's page, by the content of its sources: kept outside of dist, which is made anew more
// often, and linked into it.
async function ensurePage() {
  const hash = pageHash();
  const kept = path('.tradepost/page', hash);
  if (!existsSync(join(kept, 'index.html'))) await buildPage(kept);
  const link = path('dist/apps/console/built-page');
  if (readText(join(link, '.hash')) !== hash) {
    rmSync(link, { recursive: true, force: true });
    symlinkSync(relative(dirname(link), kept), link, 'junction');
  }
  forgetPages(hash);
}

async function buildPage(kept) {
  const began = performance.now();
  const fresh = `${kept}-${process.pid}`;
  const vite = path('node_modules/vite/bin/vite.js');
  const args = [vite, 'build', 'apps/console/page', '--logLevel', 'warn', '--outDir', fresh];
  if ((await run(process.execPath, args)) !== 0) {
    throw new Error('The page of the console was not built; what it says above is why.');
  }
  writeFileSync(join(fresh, '.hash'), kept.slice(-hashLength));
  // Another command may have built the same meanwhile.
  if (existsSync(kept)) rmSync(fresh, { recursive: true, force: true });
  else renameSync(fresh, kept);
  console.log(`Built the console's page in ${((performance.now() - began) / 1000).toFixed(1)} s`);
}

function pageHash() {
  const hash = createHash('sha256');
  const page = readdirSync(path('apps/console/page'), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(root.length + 1));
  for (const file of [...page.sort(), 'package-lock.json']) {
    hash
      .update(`${file}\0`)
      .update(readFileSync(path(file)))
      .update('\0');
  }
  return hash.digest('hex').slice(0, hashLength);
}

// A console that runs serves the one that it found: the last few stay.
function forgetPages(hash) {
  const folder = path('.tradepost/page');
  const old = readdirSync(folder)
    .filter((name) => name !== hash)
    .map((name) => ({ name, at: statSync(join(folder, name)).mtimeMs }))
    .sort((a, b) => b.at - a.at);
  for (const { name } of old.slice(pagesMax)) {
    rmSync(join(folder, name), { recursive: true, force: true });
  }
}

function readText(file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

/** Resolves to the exit code; signals that reach us are passed on, and the child ends first. */
function run(program, rest, options = {}) {
  const child = spawn(program, rest, { cwd: root, stdio: 'inherit', ...options });
  const forward = (signal) => child.kill(signal);
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, forward);
  // A signal to npm alone ends npm and the shell between us, and never reaches us.
  const parent = process.env.npm_lifecycle_event ? process.ppid : undefined;
  const watch = setInterval(() => {
    if (parent === undefined || process.ppid === parent) return;
    clearInterval(watch);
    forward('SIGTERM');
  }, 250);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      for (const name of signals) process.off(name, forward);
      clearInterval(watch);
      resolve(code ?? (signal === 'SIGINT' ? 130 : 143));
    });
  });
}

import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = resolve(__dirname, '../..');

/** For each rule, the one import that breaks it: [rule, importing file, what it imports]. */
const breaches: [rule: string, from: string, imports: string][] = [
  ['services-meet-only-through-contracts', 'apps/orders/src/a.ts', '../../users/src/user.store'],
  ['libs-never-import-apps', 'libs/service/src/a.ts', '../../../apps/users/src/user.store'],
  ['database-stands-alone', 'libs/database/src/a.ts', '@tradepost/contracts'],
  ['messaging-stands-below-service', 'libs/messaging/src/a.ts', '@tradepost/service'],
  ['sandbox-serves-the-gateway-alone', 'apps/payments/src/b.ts', '@tradepost/sandbox'],
  ['contracts-are-plain', 'libs/contracts/src/a.ts', '@nestjs/common'],
  ['contracts-are-plain', 'libs/contracts/src/b.ts', '@tradepost/database'],
  ['libs-are-entered-at-their-index', 'apps/orders/src/b.ts', '../../../libs/database/src/tx'],
  ['libs-enter-libs-at-their-index', 'libs/service/src/b.ts', '../../database/src/tx'],
  ['no-lib-enters-itself-at-its-index', 'libs/service/src/c.ts', '@tradepost/service'],
  ['one-door-to-the-broker', 'apps/orders/src/c.ts', 'amqplib'],
  ['one-door-to-the-broker', 'libs/service/src/d.ts', '@golevelup/nestjs-rabbitmq'],
  ['one-door-to-postgresql', 'libs/messaging/src/b.ts', 'pg'],
  ['one-door-to-postgresql', 'tools/a.ts', 'umzug'],
  ['edges-are-not-imported', 'apps/users/src/a.ts', './users.controller'],
  ['message-edges-call-use-cases', 'apps/payments/src/a.work.ts', './payments.store'],
  ['message-edges-call-use-cases', 'apps/orders/src/a.fanout.ts', './orders.store'],
  ['stores-know-nothing-above', 'apps/users/src/b.store.ts', '@tradepost/messaging'],
  ['stores-know-nothing-above', 'apps/users/src/c.store.ts', './users.controller'],
  ['modules-are-the-top', 'apps/users/src/d.ts', './users.module'],
  ['no-test-code-in-services', 'apps/users/src/e.ts', '@tradepost/testing'],
  ['no-test-code-in-services', 'libs/service/src/e.ts', '../test/fixture'],
  ['production-needs-no-dev-dependencies', 'apps/users/src/f.ts', 'prettier'],
  ['commands-of-the-image-need-no-tests', 'tools/dead-letters-a.ts', '@tradepost/testing'],
  ['nothing-imports-tools', 'test/a.ts', '../tools/command'],
  ['tools-run-services-as-processes', 'tools/b.ts', '../apps/users/src/user.store'],
  [
    'topology-reads-modules-alone',
    'tools/topology/service-modules.ts',
    '../../apps/users/src/user.store',
  ],
  ['order-states-reads-the-table-alone', 'tools/order-states.ts', '../apps/users/src/user.store'],
  ['no-cycles', 'libs/service/src/f.ts', './g'],
  ['no-unresolvable', 'apps/users/src/g.ts', './missing'],
  ['no-undeclared-dependencies', 'apps/users/src/h.ts', 'semver'],
];

/** What the breaches reach for; they break no rule themselves. */
const innocents: Record<string, string> = {
  'apps/users/src/user.store.ts': '',
  'apps/users/src/users.controller.ts': `import './user.store';`,
  'apps/users/src/users.module.ts': `import './users.controller';`,
  'apps/users/src/main.ts': `import '@tradepost/service'; import './users.module';`,
  'apps/orders/src/main.ts': `import './orders.store';`,
  'apps/payments/src/main.ts': `import './payments.store';`,
  'apps/payments/src/payments.store.ts': `import '@tradepost/database';`,
  'apps/orders/src/orders.store.ts': `import '@tradepost/database';`,
  'libs/contracts/src/index.ts': `import 'class-validator';`,
  'libs/database/src/index.ts': `import './tx';`,
  'libs/database/src/tx.ts': `import 'pg';`,
  'libs/messaging/src/index.ts': `import 'amqplib'; import '@tradepost/database';`,
  'libs/sandbox/src/index.ts': `import '@tradepost/database';`,
  'libs/service/src/index.ts': `import '@tradepost/messaging';`,
  'libs/service/test/fixture.ts': `import 'jest';`,
  'libs/testing/src/index.ts': `import 'amqplib'; import '@tradepost/service';`,
  'tools/command.ts': `import '@tradepost/testing';`,
};

/** Files that are wrong by themselves. */
const misplaced: [rule: string, path: string, text: string][] = [
  ['no-dead-files', 'apps/users/src/forgotten.ts', `import 'class-validator';`],
  ['no-dead-files', 'libs/service/src/forgotten.ts', `import 'class-validator';`],
  ['no-orphans', 'libs/service/src/orphan.ts', ''],
];

interface Cruise {
  summary: { violations: { from: string; to: string; rule: { name: string } }[] };
}

describe('dependency rules', () => {
  let folder: string;
  let broken: string[];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'dependency-rules-'));
    for (const name of [
      'package.json',
      'tsconfig.json',
      '.dependency-cruiser.cjs',
      'node_modules',
    ]) {
      symlinkSync(join(root, name), join(folder, name));
    }
    for (const [path, text] of Object.entries(innocents)) write(path, text);
    for (const [, path, target] of breaches) write(path, `import '${target}';`);
    for (const [, path, text] of misplaced) write(path, text);
    write('libs/service/src/g.ts', `import './f';`);
    broken = await cruise();
  }, 60_000);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(breaches)('%s: %s must not import %s', (rule, from) => {
    expect(broken).toContain(`${rule}: ${from}`);
  });

  it.each(misplaced)('%s: nothing uses %s', (rule, path) => {
    expect(broken).toContain(`${rule}: ${path}`);
  });

  it('lets the rest pass', () => {
    const innocent = broken.filter((line) =>
      Object.keys(innocents).some((path) => line.endsWith(path)),
    );
    expect(innocent).toEqual([]);
  });

  it('has a breach for every rule', () => {
    const { forbidden } = require('../../.dependency-cruiser.cjs') as {
      forbidden: { name: string }[];
    };
    const tried = new Set([...breaches, ...misplaced].map(([rule]) => rule));
    expect(forbidden.map(({ name }) => name).filter((name) => !tried.has(name))).toEqual([]);
  });

  function write(path: string, text: string): void {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }

  /** Which rule each file breaks. */
  async function cruise(): Promise<string[]> {
    const program = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
    const args = [program, '-T', 'json', 'apps', 'libs', 'test', 'tools'];
    const options = { cwd: folder, maxBuffer: 64 * 1024 * 1024 };
    // It exits with the number of errors: what it prints is the answer all the same.
    const { stdout } = await run(process.execPath, args, options).catch(
      (e: unknown) => e as { stdout: string },
    );
    const { summary } = JSON.parse(stdout) as Cruise;
    // A dead file is what the rule leads to, not where it starts.
    return summary.violations.map(({ from, to, rule: { name } }) =>
      name === 'no-dead-files' ? `${name}: ${to}` : `${name}: ${from}`,
    );
  }
});

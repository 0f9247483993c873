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
  [
    'services-meet-only-through-contracts',
    'apps/payments/src/b.ts',
    '../../sandbox-gateway/src/charges/rules',
  ],
  [
    'payments-knows-the-charges-of-the-sandbox-alone',
    'apps/payments/src/gateway/sandbox-gateway.ts',
    '../../../users/src/user.store',
  ],
  ['libs-never-import-apps', 'libs/service/src/a.ts', '../../../apps/users/src/user.store'],
  ['database-stands-alone', 'libs/database/src/a.ts', '@tradepost/contracts'],
  ['messaging-is-a-package', 'libs/messaging/src/a.ts', '@tradepost/service'],
  ['messaging-is-a-package', 'libs/messaging/src/c.ts', '@tradepost/contracts'],
  ['contracts-are-plain', 'libs/contracts/src/a.ts', '@nestjs/common'],
  ['contracts-are-plain', 'libs/contracts/src/b.ts', '@tradepost/database'],
  ['contracts-are-plain', 'libs/contracts/src/c.ts', '@tradepost/messaging'],
  ['libs-are-entered-at-their-index', 'apps/orders/src/b.ts', '../../../libs/database/src/tx'],
  ['libs-are-entered-at-their-index', 'ops/b.ts', '../libs/database/src/tx'],
  ['libs-enter-libs-at-their-index', 'libs/service/src/b.ts', '../../database/src/tx'],
  ['no-lib-enters-itself-at-its-index', 'libs/service/src/c.ts', '@tradepost/service'],
  ['only-messaging-talks-to-the-broker', 'apps/orders/src/c.ts', 'amqplib'],
  ['only-messaging-talks-to-the-broker', 'libs/service/src/d.ts', '@golevelup/nestjs-rabbitmq'],
  ['only-database-talks-to-postgresql', 'libs/messaging/src/b.ts', 'pg'],
  ['only-database-talks-to-postgresql', 'ops/a.ts', 'umzug'],
  ['edges-are-not-imported', 'apps/users/src/a.ts', './users.controller'],
  ['message-edges-call-use-cases', 'apps/payments/src/a.work.ts', './payment/payments.store'],
  ['message-edges-call-use-cases', 'apps/another/src/a.fanout.ts', './order/orders.store'],
  ['stores-know-nothing-above', 'apps/users/src/b.store.ts', '@tradepost/messaging'],
  ['stores-know-nothing-above', 'apps/users/src/c.store.ts', './users.controller'],
  ['modules-are-the-top', 'apps/users/src/d.ts', './users.module'],
  ['apps-and-libs-stand-alone', 'apps/users/src/e.ts', '@tradepost/test-kit'],
  ['apps-and-libs-stand-alone', 'apps/users/src/i.ts', '../../../ops/command'],
  ['apps-and-libs-stand-alone', 'libs/service/src/e.ts', '../test/fixture'],
  ['testing-is-for-tests', 'apps/users/src/k.ts', '@tradepost/messaging/testing'],
  ['production-needs-no-dev-dependencies', 'apps/users/src/f.ts', 'prettier'],
  ['production-needs-no-dev-dependencies', 'ops/f.ts', 'prettier'],
  ['ops-needs-no-dev', 'ops/c.ts', '@tradepost/test-kit'],
  ['ops-needs-no-dev', 'ops/d.ts', '../dev/start'],
  ['dev-needs-no-tests', 'dev/a.ts', '@tradepost/test-kit'],
  ['nothing-needs-the-bench', 'libs/service/src/h.ts', '../../../bench/bench'],
  ['nothing-needs-the-bench', 'apps/users/src/j.ts', '../../../bench/bench'],
  ['nothing-needs-the-bench', 'ops/e.ts', '../bench/bench'],
  ['nothing-needs-the-bench', 'test/a.ts', '../bench/bench'],
  ['bench-needs-no-tests', 'bench/a.ts', '@tradepost/test-kit'],
  ['examples-stand-alone', 'examples/nest/src/a.ts', '@tradepost/messaging'],
  ['only-database-talks-to-postgresql', 'bench/b.ts', 'pg'],
  ['commands-run-services-as-processes', 'dev/b.ts', '../apps/users/src/user.store'],
  ['the-list-of-services-reads-modules-alone', 'apps/services.ts', './users/src/user.store'],
  ['order-states-reads-the-table-alone', 'dev/order-states.ts', '../apps/users/src/user.store'],
  ['the-page-knows-the-api-alone', 'apps/console/page/a.tsx', '../src/console.module'],
  ['the-page-knows-the-api-alone', 'apps/console/page/b.ts', '@tradepost/contracts'],
  ['the-page-takes-types-alone', 'apps/console/page/c.ts', '../src/api/flow'],
  ['the-page-is-built-not-imported', 'apps/console/src/a.ts', '../page/theme'],
  ['no-cycles', 'libs/service/src/f.ts', './g'],
  ['no-unresolvable', 'apps/users/src/g.ts', './missing'],
  ['no-undeclared-dependencies', 'apps/users/src/h.ts', 'semver'],
];

/** What the breaches reach for; they break no rule themselves. */
const innocents: Record<string, string> = {
  'apps/users/src/user.store.ts': '',
  'apps/users/src/users.controller.ts': `import './user.store';`,
  'apps/users/src/users.module.ts': `import './users.controller'; import './users.rpc';`,
  'apps/users/src/main.ts': `import '@tradepost/service'; import './users.module';`,
  'apps/another/src/main.ts': `import './order/orders.store';`,
  'apps/another/src/order/orders.store.ts': `import '@tradepost/database';`,
  // Without a domain the store stands beside the handler.
  'apps/users/src/users.rpc.ts': `import './user.store';`,
  'apps/payments/src/main.ts': `import './payment/payments.store';`,
  'apps/payments/src/payment/payments.store.ts': `import '@tradepost/database';`,
  'libs/contracts/src/index.ts': `import 'class-validator'; import '@tradepost/messaging/contract';`,
  'libs/database/src/index.ts': `import './tx';`,
  'libs/database/src/tx.ts': `import 'pg';`,
  'libs/messaging/src/index.ts': `import 'amqplib';`,
  'libs/messaging/src/contract.ts': '',
  'libs/messaging/src/ops.ts': 'export interface Step {}',
  'libs/messaging/src/testing.ts': `import 'amqplib';`,
  'apps/console/page/theme.ts': `import type { Flow } from '../src/api/flow'; import './parts';`,
  'apps/console/page/parts.ts': `import type { Step } from '@tradepost/messaging/ops';`,
  'apps/console/src/api/flow.ts': 'export interface Flow {}',
  'apps/console/src/console.module.ts': `import './api/flow';`,
  'apps/console/src/main.ts': `import './console.module';`,
  'apps/sandbox-gateway/src/charges/rules.ts': `import '@tradepost/database';`,
  'apps/sandbox-gateway/src/main.ts': `import './charges/rules';`,
  'libs/service/src/index.ts': `import '@tradepost/messaging';`,
  'libs/service/test/fixture.ts': `import 'jest';`,
  'test/kit/index.ts': `import 'amqplib'; import '@tradepost/service';`,
  'ops/command.ts': `import '@tradepost/service';`,
  'dev/start.ts': `import '@tradepost/service';`,
  'bench/bench.ts': `import '../dev/start'; import 'amqplib';`,
  'bench/stock/database.ts': `import 'pg';`,
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
    const args = [program, '-T', 'json', 'apps', 'libs', 'ops', 'dev', 'bench', 'test', 'examples'];
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

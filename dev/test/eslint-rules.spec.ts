import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';

const root = resolve(__dirname, '../..');
const lines = (count: number) => 'work();\n'.repeat(count);
const restricted = 'no-restricted-syntax';

/** Each rule broken: its name, the path of the file, its content. */
const offences: [rule: string, path: string, content: string][] = [
  ['max-len', 'libs/service/src/http.ts', `// ${'x'.repeat(98)}\n`],
  ['max-len', 'libs/service/test/http.spec.ts', `// ${'x'.repeat(118)}\n`],
  ['max-lines', 'libs/service/src/http.ts', '\n'.repeat(301)],
  ['max-lines', 'libs/service/test/http.spec.ts', '\n'.repeat(401)],
  ['max-lines-per-function', 'dev/a.ts', `export function long() {\n${lines(69)}}\n`],
  ['max-lines-per-function', 'dev/a.mjs', `export function long() {\n${lines(69)}}\n`],
  ['max-lines-per-function', 'dev/a.ts', `export class A {\n  run() {\n${lines(69)}}\n}\n`],
  ['no-warning-comments', 'dev/a.ts', `work(); // ${'TO'}DO later\n`],
  ['no-warning-comments', 'dev/a.ts', `/** ${'FIX'}ME */\nwork();\n`],
  ['no-restricted-properties', 'apps/orders/src/a.ts', 'start(process.env.AMQP_URL);\n'],
  ['no-restricted-globals', 'libs/service/src/a.ts', 'fetch(url, { signal });\n'],
  ['no-restricted-imports', 'test/e2e/a.e2e.spec.ts', `import 'node:timers/promises';\n`],
];

/** The same for what no-restricted-syntax says, by a word of its message. */
const restrictions: [message: string, path: string, content: string][] = [
  ['Re-export', 'libs/messaging/src/rpc.ts', `export * from './reply';\n`],
  ['Re-export', 'libs/messaging/test/a.spec.ts', `export { Reply } from './reply';\n`],
  ['exported name', 'apps/orders/src/place-order.ts', 'export class PlaceOrderDto {}\n'],
  ['exported name', 'libs/service/src/a.ts', 'export const orderManager = 1;\n'],
  ['exported name', 'dev/a.ts', 'export function dateUtils() {}\n'],
  ['exported name', 'dev/test/a.spec.ts', 'export type SaleIntegration = 1;\n'],
  ['log line', 'apps/orders/src/a.ts', 'this.log.warn(`order ${id} is late`);\n'],
  ['log line', 'libs/messaging/src/a.ts', 'log.error(`queue ${name} lost`);\n'],
  ['log line', 'libs/messaging/src/a.ts', 'log.warn(`queue ${queue} waits`);\n'],
  ['log line', 'apps/orders/src/a.ts', 'this.logger.warn(`order ${id} waits`);\n'],
  ['contract', 'libs/contracts/src/fanout/a.ts', 'export class SaleFinalizedEvent {}\n'],
  ...['Work', 'Fanout', 'Topic', 'Rpc'].map((edge): [string, string, string] => [
    `@On${edge}`,
    'apps/orders/src/place-order.ts',
    `export class A { @On${edge}(B) handle() {} }\n`,
  ]),
  ['@Controller', 'apps/orders/src/place.work.ts', `@Controller('v1') export class A {}\n`],
  ['@Module', 'apps/orders/src/orders.store.ts', `@Module({}) export class A {}\n`],
  ['SQL', 'apps/orders/src/order/place-order.ts', 'tx.query(insertOrder, []);\n'],
  ['SQL', 'apps/orders/src/orders.controller.ts', 'this.db.query(all);\n'],
  ['Every test', 'libs/service/test/a.spec.ts', `it.only('answers', () => {});\n`],
  ['Every test', 'libs/service/test/a.spec.ts', `describe.skip('http', () => {});\n`],
  ['Every test', 'libs/service/test/a.spec.ts', `xit('answers', () => {});\n`],
  ['eventually', 'libs/service/test/a.spec.ts', 'sleep(100);\n'],
  ['eventually', 'test/e2e/a.e2e.spec.ts', 'setTimeout(done, 100);\n'],
  ['constant', 'libs/service/test/a.spec.ts', 'expect(true).toBe(true);\n'],
  ['constant', 'apps/orders/test/a.int.spec.ts', 'expect(1).toBe(1);\n'],
  [
    'deadline',
    'apps/orders/src/a.ts',
    `import { fetch } from 'undici';\nfetch(url, { method });\n`,
  ],
  ['deadline', 'dev/a.ts', `import { fetch } from 'undici';\nfetch(url);\n`],
  ['says nothing', 'apps/orders/src/order-helper.ts', ''],
  ['says nothing', 'dev/start/utils.ts', ''],
  ['index.ts', 'apps/orders/src/index.ts', ''],
  ['kebab-case', 'apps/orders/src/PlaceOrder.ts', ''],
  ['kebab-case', 'apps/orders/src/order/orders.service.ts', ''],
  ['*.e2e.spec.ts', 'test/e2e/sale.spec.ts', ''],
];

/** What looks like an offence and is none. */
const innocents: [why: string, path: string, content: string][] = [
  ['120 columns in a test', 'libs/service/test/a.spec.ts', `// ${'x'.repeat(117)}\n`],
  ['70 lines', 'dev/a.ts', `export function long() {\n${lines(68)}}\n`],
  ['a long suite', 'libs/service/test/a.spec.ts', `describe('a', () => {\n${lines(100)}});\n`],
  ['a word in a string', 'dev/a.ts', `export const text = '// ${'TO'}DO';\n`],
  ['part of a word', 'libs/messaging/src/a.ts', 'export class Implication {}\n'],
  ['an event of orders', 'apps/orders/src/order/order.ts', 'export type OrderEvent = string;\n'],
  ['the index of a lib', 'libs/messaging/src/index.ts', `export * from './reply';\n`],
  ['config', 'libs/service/src/config/a.ts', 'export const { env } = process;\n'],
  ['a log line', 'apps/orders/src/a.ts', `this.log.warn('order is late', { id });\n`],
  ['an edge', 'apps/orders/src/a.work.ts', 'export class A { @OnWork(B) handle() {} }\n'],
  ['SQL in a store', 'apps/orders/src/orders.store.ts', 'tx.query(insertOrder, []);\n'],
  [
    'a call with a deadline',
    'libs/service/src/a.ts',
    `import { fetch } from 'undici';\nfetch(url, { signal: AbortSignal.timeout(100) });\n`,
  ],
  ['a fetch in a test', 'apps/orders/test/a.int.spec.ts', 'await fetch(url);\n'],
  ['a timer in a service', 'libs/messaging/src/rpc.ts', 'setTimeout(expire, 100);\n'],
];

interface Message {
  ruleId: string | null;
  message: string;
}

describe('rules of eslint.config.mjs', () => {
  const all = [...offences, ...restrictions, ...innocents];
  let found: Message[][];
  let wanted: string[];

  beforeAll(async () => {
    ({ found, wanted } = await lint(all.map(([, path, content]) => ({ path, content }))));
  }, 60_000);

  it.each(offences.map((one, index) => [...one, index] as const))(
    '%s is seen in %s (%#)',
    (rule, ...[, , index]) => {
      expect(found[index]?.map(({ ruleId }) => ruleId)).toEqual([rule]);
    },
  );

  it.each(restrictions.map((one, index) => [...one, offences.length + index] as const))(
    '%s is reported for %s (%#)',
    (word, ...[, , index]) => {
      expect(found[index]).toEqual([
        expect.objectContaining({ ruleId: restricted, message: expect.stringContaining(word) }),
      ]);
    },
  );

  it.each(innocents.map((one, index) => [...one, all.length - innocents.length + index] as const))(
    '%s is fine',
    (_why, ...[, , index]) => {
      expect(found[index]).toEqual([]);
    },
  );

  it('has an offence for every restriction', () => {
    const seen = new Set(found.flat().map(({ message }) => message.replace(/\.$/, '')));
    expect(wanted.filter((message) => !seen.has(message.replace(/\.$/, '')))).toEqual([]);
  });
});

/** The real config without types: these files do not exist. By a process, as jest cannot import it. */
const program = `
  import { text } from 'node:stream/consumers';
  import { ESLint } from 'eslint';
  import tseslint from 'typescript-eslint';
  import config from './eslint.config.mjs';
  const off = Object.fromEntries(['no-unused-vars', 'no-extraneous-class', 'no-require-imports']
    .map((name) => ['@typescript-eslint/' + name, 'off']));
  const overrideConfig = [tseslint.configs.disableTypeChecked, { rules: off }];
  const eslint = new ESLint({ overrideConfig });
  const found = [];
  for (const { path, content } of JSON.parse(await text(process.stdin))) {
    const [{ messages }] = await eslint.lintText(content, { filePath: path });
    found.push(messages);
  }
  const entries = config.flatMap(({ rules }) => rules?.['no-restricted-syntax'] ?? []);
  const wanted = entries.map(({ message }) => message).filter(Boolean);
  console.log(JSON.stringify({ found, wanted }));
`;

async function lint(
  files: { path: string; content: string }[],
): Promise<{ found: Message[][]; wanted: string[] }> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    cwd: root,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.end(JSON.stringify(files));
  return JSON.parse(await text(child.stdout)) as { found: Message[][]; wanted: string[] };
}

import { checkStyle } from '../style/check-style';

const lines = (count: number) => 'work();\n'.repeat(count);

/** Each offence once: where it stands, what is written, and the rule that catches it. */
const offences: [rule: string, path: string, text: string][] = [
  ['line-length', 'libs/service/src/http.ts', `// ${'x'.repeat(98)}\n`],
  ['line-length', 'libs/service/test/http.spec.ts', `// ${'x'.repeat(118)}\n`],
  ['file-length', 'libs/service/src/http.ts', '\n'.repeat(301)],
  ['file-length', 'libs/service/test/http.spec.ts', '\n'.repeat(401)],
  ['function-length', 'dev/start.ts', `function long() {\n${lines(69)}}\n`],
  ['function-length', 'dev/start.ts', `class Long {\n  run() {\n${lines(69)}}\n}\n`],
  ['leftover', 'dev/start.ts', `work(); // ${'TO'}DO later\n`],
  ['leftover', 'dev/start.ts', `/** ${'FIX'}ME */\nwork();\n`],
  ['banned-word', 'apps/orders/src/place-order.ts', 'export class PlaceOrderDto {}\n'],
  ['banned-word', 'apps/orders/src/place-order.ts', 'export const orderManager = 1;\n'],
  ['banned-word', 'apps/orders/src/place-order.ts', 'export interface SaleFinalizedEvent {}\n'],
  ['banned-word', 'apps/orders/src/place-order.ts', 'export function dateUtils() {}\n'],
  ['banned-word', 'apps/orders/src/order-helper.ts', ''],
  ['barrel', 'apps/orders/src/index.ts', ''],
  ['barrel', 'libs/messaging/src/rpc.ts', `export * from './reply';\n`],
  ['barrel', 'libs/messaging/src/rpc.ts', `export { Reply } from './reply';\n`],
  ['file-name', 'apps/orders/src/PlaceOrder.ts', ''],
  ['file-name', 'apps/orders/src/orders.service.ts', ''],
  ['file-name', 'test/e2e/sale.spec.ts', ''],
  ['environment', 'apps/orders/src/place-order.ts', 'const url = process.env.AMQP_URL;\n'],
  ['edge-suffix', 'apps/orders/src/place-order.ts', 'class A { @OnWork(B) handle() {} }\n'],
  ['edge-suffix', 'apps/orders/src/place.work.ts', `@Controller('v1') class A {}\n`],
  ['sql-outside-store', 'apps/orders/src/place-order.ts', 'await tx.query(insertOrder, []);\n'],
  ['sql-outside-store', 'apps/orders/src/place-order.ts', 'await this.db.query(all);\n'],
  ['unfinished-test', 'libs/service/test/http.spec.ts', `it.only('answers', () => {});\n`],
  ['unfinished-test', 'libs/service/test/http.spec.ts', `describe.skip('http', () => {});\n`],
  ['unfinished-test', 'libs/service/test/http.spec.ts', `xit('answers', () => {});\n`],
  ['sleep', 'libs/service/test/http.spec.ts', 'await sleep(100);\n'],
  ['sleep', 'libs/service/test/http.spec.ts', 'await new Promise((r) => setTimeout(r, 100));\n'],
  ['sleep', 'test/e2e/sale.e2e.spec.ts', `import { setTimeout } from 'node:timers/promises';\n`],
  ['empty-expectation', 'libs/service/test/http.spec.ts', 'expect(true).toBe(true);\n'],
];

/** What looks like an offence and is none. */
const innocents: [why: string, path: string, text: string][] = [
  ['120 columns in a test', 'libs/service/test/http.spec.ts', `// ${'x'.repeat(117)}\n`],
  ['70 lines', 'dev/start.ts', `function long() {\n${lines(68)}}\n`],
  ['a long suite', 'libs/service/test/a.spec.ts', `describe('a', () => {\n${lines(100)}});\n`],
  ['a word in a string', 'dev/start.ts', `const text = '// ${'TO'}DO';\n`],
  ['part of a word', 'libs/messaging/src/a.ts', 'export class Implication {}\n'],
  ['the index of a lib', 'libs/messaging/src/index.ts', `export * from './reply';\n`],
  ['config', 'libs/service/src/read-config.ts', 'const env = process.env;\n'],
  ['an edge in its file', 'apps/orders/src/a.work.ts', 'class A { @OnWork(B) handle() {} }\n'],
  ['SQL in a store', 'apps/orders/src/orders.store.ts', 'await tx.query(insertOrder, []);\n'],
  ['a timer in a service', 'libs/messaging/src/rpc.ts', 'setTimeout(expire, 100);\n'],
];

describe('style', () => {
  it.each(offences)('%s is caught in %s (%#)', (rule, path, text) => {
    const found = checkStyle(path, text);
    expect(found.map((offence) => offence.rule)).toContain(rule);
    expect(found[0]).toMatchObject({ path, line: expect.any(Number), advice: expect.any(String) });
  });

  it.each(innocents)('%s is fine', (_why, path, text) => {
    expect(checkStyle(path, text)).toEqual([]);
  });

  it('names the line', () => {
    const [offence] = checkStyle('dev/start.ts', `work();\nwork(); // ${'TO'}DO\n`);
    expect(offence?.line).toBe(2);
  });
});

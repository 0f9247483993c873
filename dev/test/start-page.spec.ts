import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { enter } from '../new-service/lists';
import { writeFolder } from '../new-service/write-folder';
import { copyCheckout } from './checkout-copy';
import { blocks, follow, isFollowed } from './start-page';

/** What the page adds to, or changes. */
const sources = ['apps/shipping', 'apps/orders/src', 'libs/contracts'];
const include = [...sources.map((name) => `${name}/**/*.ts`), 'libs/**/*.d.ts'];

describe('docs/START.md', () => {
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'start-page-'));
    copyCheckout(folder);
    if (isFollowed(folder)) return;
    const service = { name: 'shipping', keeps: 'parcel', port: 3007, colour: 'cyanBright' };
    await writeFolder(folder, service);
    await enter(folder, service);
    follow(folder);
  }, 60_000);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('makes a service, a listener, an event, a work and an rpc that compile', () => {
    const config = JSON.stringify({ extends: './tsconfig.json', include });
    writeFileSync(join(folder, 'some.json'), config);
    const args = ['node_modules/typescript/bin/tsc', '-p', 'some.json'];
    const { status, stdout } = spawnSync(process.execPath, args, { cwd: folder });
    expect({ status, said: stdout.toString() }).toEqual({ status: 0, said: '' });
  }, 120_000);

  it('adds each word of the four but topic, and names the file of each block', () => {
    const files = blocks.map(({ file }) => file);
    for (const word of ['work', 'fanout', 'rpc', 'controller', 'store', 'sql']) {
      expect(files.filter((file) => file.split(/[./]/).includes(word))).not.toEqual([]);
    }
    expect(files.filter((file) => !/^(apps|libs)\//.test(file))).toEqual([]);
  });
});

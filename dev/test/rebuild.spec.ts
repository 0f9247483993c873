import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rebuild } from '../start/rebuild';

const root = process.cwd();
const source = 'apps/orders/src/order/order.ts';
const built = 'dist/apps/orders/src/order/order.js';

describe('a source that is built again', () => {
  let folder: string;
  const read = (file: string) => readFileSync(file, 'utf8');
  const write = (file: string, text: string) => writeFileSync(join(folder, file), text);

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rebuild-'));
    process.chdir(folder);
    mkdirSync('apps/orders/src/order', { recursive: true });
    for (const file of ['.swcrc', source]) write(file, read(join(root, file)));
  });

  afterEach(() => {
    process.chdir(root);
    rmSync(folder, { recursive: true });
  });

  it('is the same as the build makes it, and so is its map', async () => {
    await rebuild([source]);

    expect(read(built)).toBe(read(join(root, built)));
    expect(read(`${built}.map`)).toBe(read(join(root, `${built}.map`)));
  });

  it('leaves dist as it is, as long as one of several does not compile', async () => {
    write(source, 'export const a = 1;\n');
    write('apps/orders/src/bad.ts', 'export const b = {\n');

    const failure = rebuild([source, 'apps/orders/src/bad.ts']);

    await expect(failure).rejects.toThrow(
      /^x Unexpected token[^]*orders\/src\/bad\.ts:1[^]*`----$/,
    );
    expect(existsSync('dist')).toBe(false);
  });

  it('leaves dist when it is removed', async () => {
    await rebuild([source]);
    rmSync(source);

    await rebuild([source]);

    expect([built, `${built}.map`].filter((file) => existsSync(file))).toEqual([]);
  });
});

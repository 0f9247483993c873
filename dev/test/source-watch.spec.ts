import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@tradepost/messaging/testing';
import { SourceWatch } from '../start/source-watch';

describe('what watches sources', () => {
  let folder: string;
  let watch: SourceWatch;
  let seen: string[][];

  const at = (name: string) => join(folder, name);
  const toSee = (...names: string[]) =>
    eventually(() => {
      expect(seen.flat().sort()).toEqual(names.map(at).sort());
      seen = [];
    });

  beforeEach(() => {
    seen = [];
    folder = mkdtempSync(join(tmpdir(), 'watch-'));
    mkdirSync(at('orders'));
    for (const name of ['orders/a.ts', 'orders/b.ts']) writeFileSync(at(name), '1');
    watch = new SourceWatch([folder], (files) => seen.push(files));
  });

  afterEach(() => {
    watch.close();
    rmSync(folder, { recursive: true });
  });

  it('names what is written, and what is put in its place', async () => {
    writeFileSync(at('orders/a.ts'), '2');
    await toSee('orders/a.ts');

    writeFileSync(at('orders/.b'), '2');
    renameSync(at('orders/.b'), at('orders/b.ts'));
    await toSee('orders/b.ts');
  });

  it('names what is new, in a new folder too, and what is removed', async () => {
    mkdirSync(at('orders/order'));
    writeFileSync(at('orders/order/c.ts'), '1');
    await toSee('orders/order/c.ts');

    rmSync(at('orders'), { recursive: true });
    await toSee('orders/a.ts', 'orders/b.ts', 'orders/order/c.ts');
  });

  it('leaves out what is no source of a service', async () => {
    for (const name of ['node_modules', 'console', 'console/page']) mkdirSync(at(name));
    for (const name of ['node_modules/x.ts', 'console/page/y.ts', 'README.md']) {
      writeFileSync(at(name), '1');
    }
    writeFileSync(at('orders/a.ts'), '2');
    await toSee('orders/a.ts');
  });
});

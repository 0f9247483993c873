import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { apply, blocksIn } from './page-blocks';

// The short version of contracts-page.spec.
it('each block of docs/CONTRACTS.md changes what is there', () => {
  const folder = mkdtempSync(join(tmpdir(), 'contracts-blocks-'));
  try {
    const blocks = blocksIn(readFileSync('docs/CONTRACTS.md', 'utf8'));
    for (const { file } of blocks) if (existsSync(file)) cpSync(file, join(folder, file));
    for (const block of blocks) apply(folder, block);
    const changed = readFileSync(join(folder, 'libs/contracts/src/fanout/sale-booked.ts'), 'utf8');
    expect(changed).toContain('upcast(SaleBookedV1');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

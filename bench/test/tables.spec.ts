import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { summarise } from '../harness/summarise';
import { tableOf, writeTables } from '../harness/tables';
import type { Figures, Work } from '../harness/work';

const work: Work = {
  name: 'race',
  title: () => 'A race.',
  subjects: () => [],
  columns: { perSecond: 'done/s', 'cpu.broker': 'broker', missing: 'never measured' },
};

const about = { scale: 'full', runs: 3, command: 'npm run bench', commit: 'abc' } as const;

function resultOf(runs: Record<string, Figures[]>) {
  return summarise(work, new Map(Object.entries(runs)), about);
}

const ours = [{ perSecond: 300 }, { perSecond: 100, cpu: { broker: 2 } }, { perSecond: 200 }];
const theirs = [{ perSecond: 50, cpu: { broker: 8 } }];

describe('the results of a work', () => {
  it('are medians, the least and the most, and ratios of what both have', () => {
    expect(resultOf({ ours, theirs })).toEqual({
      title: 'A race.',
      ...about,
      ours: { perSecond: 200, cpu: { broker: 2 } },
      theirs: { perSecond: 50, cpu: { broker: 8 } },
      spread: {
        ours: { perSecond: [100, 300], cpu: { broker: [2, 2] } },
        theirs: { perSecond: [50, 50], cpu: { broker: [8, 8] } },
      },
      ratio: { perSecond: 4, cpu: { broker: 0.25 } },
    });
  });

  it('have a ratio to each of several others', () => {
    const others = { quick: [{ perSecond: 400 }], slow: [{ perSecond: 20 }] };

    expect(resultOf({ ours, ...others }).ratio).toEqual({
      quick: { perSecond: 0.5 },
      slow: { perSecond: 10 },
    });
  });

  it('are a table of the figures that were measured', () => {
    expect(tableOf(work, resultOf({ ours, theirs })).split('\n')).toEqual([
      '|  | ours | theirs | ours ÷ theirs |',
      '| --- | --- | --- | --- |',
      '| done/s | 200 (100–300) | 50 | **4.00×** |',
      '| broker | 2 | 8 | **0.25×** |',
    ]);
  });

  it('stand between their marks in a document, and nothing else of it changes', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'tables-')), 'document.md');
    writeFileSync(file, 'before\n<!-- bench:race -->\nold\n<!-- /bench:race -->\nafter\n');
    const machine = { system: 'linux', cpu: 'fast', cores: 2, memoryGiB: 4 };
    const versions = { node: 'v20', rabbitmq: '4', postgresql: '18' };
    const works = { race: resultOf({ ours, theirs }) };

    await writeTables(file, [work], { machine, versions, works });

    const text = readFileSync(file, 'utf8');
    expect(text).toMatch(
      /^before\n<!-- bench:race -->\n\| {2}\| ours [^]*\n<!-- \/bench:race -->\nafter\n$/,
    );
    expect(text).toContain('`npm run bench` at abc; 2 cores of fast, linux;');
    expect(text).not.toContain('old');
  });
});

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Usage } from '../../ops/shop/arguments';
import { commandOf } from '../lab/command';
import { patternsFile } from '../lab/document';
import { patterns, stories } from '../lab/stories';
import { blockIn, withBlock } from '../marked-block';
import { normalised } from './lab-transcript';

const root = join(__dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

describe('the lab', () => {
  it.each(patterns)('%s names two to four files to read, which are there', (pattern) => {
    const { read: files } = stories[pattern];
    expect(files.length).toBeGreaterThanOrEqual(2);
    expect(files.length).toBeLessThanOrEqual(4);
    expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  });

  it('takes a pattern, and bounds for how much and how fast', () => {
    expect(commandOf(['topic'])).toMatchObject({
      pattern: 'topic',
      workers: 3,
      count: 8,
      everyMs: 1_000,
    });
    const command = ['competing-workers', '--workers', '5', '--count', '20', '--every', '100ms'];
    expect(commandOf(command)).toMatchObject({ workers: 5, count: 20, everyMs: 100 });
  });

  it.each([
    [[]],
    [['nonsense']],
    [['topic', 'fanout']],
    [['topic', '--workers', '2']],
    [['competing-workers', '--workers', '7']],
    [['competing-workers', '--count', '0']],
    [['rpc', '--every', '1']],
    [['rpc', '--every', '1h']],
    [['rpc', '--unheard-of']],
  ])('%j is refused', (args) => {
    expect(() => commandOf(args)).toThrow(Usage);
  });
});

describe('docs/PATTERNS.md', () => {
  it('shows code that stands in the files of the lab', () => {
    const blocks = [...read(patternsFile).matchAll(/^```ts\n([^]*?)^```$/gm)].map(
      ([, code = '']) => code,
    );
    const linked = [...read(patternsFile).matchAll(/\(\.\.\/(dev\/lab\/[\w./-]+)\)/g)].map(
      ([, path = '']) => path,
    );
    const sources = linked.map(read);

    expect(blocks.length).toBeGreaterThanOrEqual(patterns.length);
    expect(blocks.filter((code) => !sources.some((source) => source.includes(code)))).toEqual([]);
  });

  it('is compared without times, ids, free choices and the order of what happens at once', () => {
    const one = ['done', '   0.1 s  packs 1', '   1.2 s        packs 2', 'worker 1 packed 1'];
    const other = ['done', '   9.9 s    packs 2', '  10.0 s  packs 1', 'worker 1 packed 2'];
    expect(normalised(one.join('\n'))).toEqual(normalised(other.join('\n')));
    expect(normalised(one.join('\n'))).not.toEqual(normalised(one.slice(0, 2).join('\n')));
  });
});

describe('a marked block', () => {
  it('is replaced, and nothing around it', () => {
    const text = 'a\n<!-- x -->\nold\n<!-- /x -->\nb';
    expect(withBlock(text, 'x', 'new')).toBe('a\n<!-- x -->\nnew\n<!-- /x -->\nb');
    expect(blockIn(text, 'x')).toBe('\nold\n');
    expect(() => withBlock(text, 'y', 'new')).toThrow('there is no <!-- y -->');
  });
});

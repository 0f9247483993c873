import { patterns } from '../lab/stories';
import { documented, normalised, shown } from './lab-transcript';

/** One that starts servers of its own is among the slow suites. */
const quick = patterns.filter((pattern) => pattern !== 'outbox');

const transcripts = new Map<string, string>();

// At once: each waits most of its time.
beforeAll(async () => {
  await Promise.all(quick.map(async (pattern) => transcripts.set(pattern, await shown(pattern))));
}, 120_000);

it.each(quick)('%s shows what docs/PATTERNS.md says', (pattern) => {
  expect(normalised(transcripts.get(pattern) ?? '')).toEqual(normalised(documented(pattern)));
});

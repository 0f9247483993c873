import { documented, normalised, shown } from './lab-transcript';

it('outbox shows what docs/PATTERNS.md says', async () => {
  const [now, then] = [await shown('outbox'), documented('outbox')];
  expect(normalised(now)).toEqual(normalised(then));
});

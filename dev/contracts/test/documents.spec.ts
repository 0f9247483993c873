import { readFileSync } from 'node:fs';
import { documents } from '../documents';

it('the documents are what the code says', async () => {
  const stale = (await documents()).filter(({ file, text }) => textOf(file) !== text);

  const remedy = 'not up to date: run npm run contracts -- write';
  expect(stale.map(({ file }) => `${file} is ${remedy}`)).toEqual([]);
}, 180_000);

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').replaceAll('\r\n', '\n');
  } catch {
    return undefined;
  }
}

import type { Source } from './source';

const bannedFileWords = new Set(
  'dto impl manager helper helpers util utils common shared'.split(' '),
);
const serviceFile = /^apps\/[^/]+\/src\//;
const serviceFileName =
  /^[a-z0-9]+(-[a-z0-9]+)*(\.(controller|work|fanout|topic|rpc|store|module|config))?\.ts$/;

export function lineLength(source: Source): void {
  const columnsMax = source.isTest ? 120 : 100;
  let start = 0;
  for (const line of source.text.split('\n')) {
    if (line.length > columnsMax) {
      const advice = `${line.length} columns, at most ${columnsMax}: break the line`;
      source.report(start, 'line-length', advice);
    }
    start += line.length + 1;
  }
}

export function fileLength(source: Source): void {
  const linesMax = source.isTest ? 400 : 300;
  const lines = source.text.split('\n').length - 1;
  if (lines > linesMax) {
    const advice = `${lines} lines, at most ${linesMax}: one file says one thing`;
    source.report(0, 'file-length', advice);
  }
}

export function leftover(source: Source): void {
  for (const { position, text } of source.comments()) {
    const [word] = /\b(TODO|FIXME|XXX|HACK)\b/.exec(text) ?? [];
    if (word) source.report(position, 'leftover', `${word}: do it now, or write it down elsewhere`);
  }
}

export function fileName(source: Source): void {
  const banned = source.name.split(/[.-]/).find((word) => bannedFileWords.has(word));
  if (banned) {
    source.report(0, 'banned-word', `"${banned}" says nothing: name the one thing it does`);
  }
  if (source.name === 'index.ts' && !source.mayBeBarrel) {
    source.report(0, 'barrel', 'an index.ts only in libs/*/src: import the file itself');
  }
  if (serviceFile.test(source.path) && !serviceFileName.test(source.name)) {
    source.report(0, 'file-name', 'kebab-case, with a suffix of docs/STYLE.md or none');
  }
  if (source.isSpec && /^test\/e2e\//.test(source.path) && !source.name.endsWith('.e2e.spec.ts')) {
    source.report(0, 'file-name', 'specs in test/ run whole services: *.e2e.spec.ts');
  }
}

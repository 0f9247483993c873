/** What stands between `<!-- name -->` and `<!-- /name -->`. @throws when a mark is missing */
export function blockIn(text: string, name: string): string {
  return partsOf(text, name)[1];
}

/** @throws when a mark is missing */
export function withBlock(text: string, name: string, block: string): string {
  const [before, , after] = partsOf(text, name);
  return `${before}\n${block}\n${after}`;
}

function partsOf(text: string, name: string): [before: string, block: string, after: string] {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const from = text.indexOf(begin);
  const to = text.indexOf(end, from);
  if (from < 0 || to < 0) throw new Error(`there is no ${from < 0 ? begin : end}`);
  const start = from + begin.length;
  return [text.slice(0, start), text.slice(start, to), text.slice(to)];
}

/** Whether an Accept header likes `text/csv` better than `application/json` (RFC 9110, 12.5.1). */
export function prefersCsv(accept = '*/*'): boolean {
  const ranges = accept.toLowerCase().split(',').map(rangeOf);
  return quality(ranges, 'text', 'csv') > quality(ranges, 'application', 'json');
}

interface Range {
  name: string;
  quality: number;
}

function rangeOf(text: string): Range {
  const [name = '', ...parameters] = text.split(';').map((part) => part.trim());
  const weight = parameters.find((parameter) => parameter.startsWith('q='));
  const quality = weight === undefined ? 1 : Number(weight.slice(2));
  return { name, quality: quality >= 0 && quality <= 1 ? quality : 0 };
}

// The most exact range counts, wherever it stands.
function quality(ranges: Range[], type: string, subtype: string): number {
  const fitting = [`${type}/${subtype}`, `${type}/*`, '*/*'].map((name) =>
    ranges.find((range) => range.name === name),
  );
  return fitting.find((range) => range !== undefined)?.quality ?? 0;
}

/** `type/subtype`, in lower case. */
type MediaType = `${string}/${string}`;

/** Whether an Accept header prefers one type to the other (RFC 9110, 12.5.1). */
export function prefers(accept = '*/*', one: MediaType, other: MediaType): boolean {
  const ranges = accept.toLowerCase().split(',').map(rangeOf);
  return quality(ranges, one) > quality(ranges, other);
}

interface MediaRange {
  name: string;
  quality: number;
}

function rangeOf(text: string): MediaRange {
  const [name = '', ...parameters] = text.split(';').map((part) => part.trim());
  const weight = parameters.find((parameter) => parameter.startsWith('q='));
  const quality = weight === undefined ? 1 : Number(weight.slice(2));
  return { name, quality: quality >= 0 && quality <= 1 ? quality : 0 };
}

// The most specific range counts, in any position.
function quality(ranges: MediaRange[], mediaType: MediaType): number {
  const fitting = [mediaType, `${mediaType.split('/', 1)[0]}/*`, '*/*'].map((name) =>
    ranges.find((range) => range.name === name),
  );
  return fitting.find((range) => range !== undefined)?.quality ?? 0;
}

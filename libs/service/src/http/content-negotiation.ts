/** `type/subtype`, in lower case. */
type MediaType = `${string}/${string}`;

/** Whether an Accept header prefers one type to the other (RFC 9110, 12.5.1). */
export function prefers(accept = '*/*', one: MediaType, other: MediaType): boolean {
  // Reversed: of a range that is there twice the first one counts.
  const qualities = new Map(accept.toLowerCase().split(',').reverse().map(rangeOf));
  return quality(qualities, one) > quality(qualities, other);
}

function rangeOf(text: string): [name: string, quality: number] {
  const [name = '', ...parameters] = text.split(';').map((part) => part.trim());
  const weight = parameters.find((parameter) => parameter.startsWith('q='));
  const quality = weight === undefined ? 1 : Number(weight.slice(2));
  return [name, quality >= 0 && quality <= 1 ? quality : 0];
}

// The most specific range counts, in any position.
function quality(qualities: Map<string, number>, mediaType: MediaType): number {
  const group = `${mediaType.split('/', 1)[0]}/*`;
  return qualities.get(mediaType) ?? qualities.get(group) ?? qualities.get('*/*') ?? 0;
}

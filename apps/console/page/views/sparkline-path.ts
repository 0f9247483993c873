/** An SVG path through the values, in a box of this size; flat when they are equal. */
export function sparklinePath(values: number[], width: number, height: number): string {
  const least = Math.min(...values);
  const range = Math.max(...values) - least;
  const step = values.length > 1 ? width / (values.length - 1) : 0;
  return values
    .map((value, at) => {
      const share = range === 0 ? 0.5 : (value - least) / range;
      const x = round(at * step);
      const y = round(1 + (height - 2) * (1 - share));
      return `${at === 0 ? 'M' : 'L'}${x} ${y}`;
    })
    .join('');
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

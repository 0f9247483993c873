export interface Point {
  x: number;
  y: number;
}

/** The path of SVG through these points, its corners rounded. */
export function pathOf(points: readonly Point[], radius: number): string {
  const [first, ...rest] = points;
  if (!first) return '';
  let path = `M${first.x} ${first.y}`;
  rest.forEach((point, index) => {
    const before = points[index] ?? point;
    const after = rest[index + 1];
    if (!after) {
      path += `L${point.x} ${point.y}`;
      return;
    }
    const r = Math.min(radius, distance(before, point) / 2, distance(point, after) / 2);
    const from = towards(point, before, r);
    const to = towards(point, after, r);
    path += `L${from.x} ${from.y}Q${point.x} ${point.y} ${to.x} ${to.y}`;
  });
  return path;
}

export function lengthOf(points: readonly Point[]): number {
  return points.reduce((sum, point, index) => sum + distance(points[index - 1] ?? point, point), 0);
}

/** The point at this length of the way. */
export function pointAt(points: readonly Point[], length: number): Point {
  let left = length;
  for (let index = 1; index < points.length; index++) {
    const [from, to] = [points[index - 1], points[index]];
    if (!from || !to) break;
    const long = distance(from, to);
    if (left <= long) return towards(from, to, left);
    left -= long;
  }
  return points.at(-1) ?? { x: 0, y: 0 };
}

/** The middle of the longest horizontal part: where a label covers least. */
export function middleOf(points: readonly Point[]): Point {
  let best: [Point, Point] | undefined;
  for (let index = 1; index < points.length; index++) {
    const [from, to] = [points[index - 1], points[index]];
    if (!from || !to || from.y !== to.y) continue;
    if (!best || distance(from, to) > distance(...best)) best = [from, to];
  }
  if (!best) return pointAt(points, lengthOf(points) / 2);
  return { x: (best[0].x + best[1].x) / 2, y: best[0].y };
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

function towards(from: Point, to: Point, length: number): Point {
  const whole = distance(from, to);
  if (whole === 0) return from;
  const part = length / whole;
  return { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part };
}

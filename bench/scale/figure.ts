import type { Sample } from './run';

const width = 900;
const panelHeight = 120;
const margin = { left: 60, right: 130, top: 28, between: 34 };
const colours = ['#e8743b', '#4c78a8', '#7fb069', '#b279a2', '#f2c14e'];

interface Line {
  name: string;
  values: number[];
  /** From one value to the next at once. */
  isStepped?: boolean;
}

/** The load, how deep queues were, and how many replicas there were, over the same time. */
export function figureOf(samples: readonly Sample[]): string {
  const of = (from: 'depth' | 'replicas') => moved(samples, from);
  const panels: [title: string, lines: Line[]][] = [
    ['sales placed a second', [{ name: '', values: samples.map((one) => one.perSecond) }]],
    ['messages ready or held', of('depth')],
    ['replicas', of('replicas').map((line) => ({ ...line, isStepped: true }))],
  ];
  const height = panels.length * (panelHeight + margin.between) + margin.top;
  const seconds = samples.at(-1)?.second ?? 0;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}"`,
    ' font-family="ui-monospace,monospace" font-size="11">',
    '<rect width="100%" height="100%" fill="#fff"/>',
    ...panels.flatMap(([title, lines], at) =>
      panelOf(title, lines, margin.top + at * (panelHeight + margin.between)),
    ),
    ...[0, 0.25, 0.5, 0.75, 1].map((share) => {
      const x = margin.left + share * plotWidth;
      const text = `${Math.round(share * seconds)} s`;
      return `<text x="${x}" y="${height - 12}" text-anchor="middle">${text}</text>`;
    }),
    '</svg>\n',
  ].join('\n');
}

const plotWidth = width - margin.left - margin.right;

/** Services that have ever moved: those that had more than one replica, or else all. */
function moved(samples: readonly Sample[], from: 'depth' | 'replicas'): Line[] {
  const names = Object.keys(samples[0]?.replicas ?? {});
  const isScaled = (name: string) =>
    new Set(samples.map(({ replicas }) => replicas[name])).size > 1;
  const shown = names.some(isScaled) ? names.filter(isScaled) : names;
  return shown.map((name) => ({ name, values: samples.map((one) => one[from][name] ?? 0) }));
}

function panelOf(title: string, lines: Line[], top: number): string[] {
  const most = Math.max(1, ...lines.flatMap(({ values }) => values));
  const bottom = top + panelHeight;
  const right = margin.left + plotWidth;
  const axis = (y: number, text: string) => [
    `<line x1="${margin.left}" x2="${right}" y1="${y}" y2="${y}" stroke="#ddd"/>`,
    `<text x="${margin.left - 6}" y="${y + 4}" text-anchor="end">${text}</text>`,
  ];
  return [
    `<text x="${margin.left}" y="${top - 8}" font-size="12">${title}</text>`,
    ...axis(top, `${most}`),
    ...axis(bottom, '0'),
    ...lines.flatMap((line, at) => {
      const colour = colours[at % colours.length];
      const y = top + 12 + at * 16;
      const path = pathOf(line, { top, most });
      return [
        `<path d="${path}" fill="none" stroke="${colour}" stroke-width="1.5"/>`,
        `<text x="${right + 8}" y="${y}" fill="${colour}">${line.name}</text>`,
      ];
    }),
  ];
}

function pathOf({ values, isStepped }: Line, { top, most }: { top: number; most: number }): string {
  const x = (at: number) => (margin.left + (at * plotWidth) / (values.length - 1)).toFixed(1);
  const y = (value: number) => (top + panelHeight * (1 - value / most)).toFixed(1);
  return values
    .map((value, at) => {
      if (at === 0) return `M${x(0)} ${y(value)}`;
      if (!isStepped) return `L${x(at)} ${y(value)}`;
      const isSame = value === values[at - 1] && at < values.length - 1;
      return isSame ? '' : `H${x(at)}V${y(value)}`;
    })
    .join('');
}

import { readFile, writeFile } from 'node:fs/promises';
import { readArguments, Usage } from '../ops/shop/arguments';
import { runCommand } from '../ops/shop/run-command';

const usage = `Usage: npm run flame-graph -- PROFILE SVG [TITLE]
Draws a profile that Node wrote with --cpu-prof. It samples time, not CPU: a write that waits is as
wide as one that works. Takes no options.
Example: npm run flame-graph -- orders.cpuprofile orders.svg "orders"`;

interface ProfileNode {
  id: number;
  callFrame: { functionName: string; url: string };
  children?: number[];
}

interface Profile {
  nodes: ProfileNode[];
  samples: number[];
  timeDeltas: number[];
}

interface Frame {
  name: string;
  kind: keyof typeof colours;
  timeUs: number;
  children: Map<string, Frame>;
}

const colours = { ours: '#e8743b', packages: '#f2c14e', node: '#7fb069', engine: '#8d99ae' };
const width = 1_200;
const rowHeight = 16;
const headHeight = 44;
/** Frames that are narrower are left out. */
const widthMin = 2;
/** Idling, and the loading of modules at the start. */
const ignored = ['(idle)', '(program)', 'executeUserEntryPoint'];
const depthMost = 28;

async function main(): Promise<void> {
  const [from, to, title = ''] = readArguments({ allowPositionals: true }).positionals;
  if (from === undefined || to === undefined)
    throw new Usage('Give a profile and an SVG to write.');
  const root = frameTree(JSON.parse(await readFile(from, 'utf8')) as Profile);
  await writeFile(to, svgOf(root, title));
  console.log(`Wrote ${to}`);
}

function frameTree({ nodes, samples, timeDeltas }: Profile): Frame {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((c) => [c, id])));
  const root = frameOf('all', '');
  samples.forEach((sample, index) => {
    const timeUs = Math.max(timeDeltas[index] ?? 0, 0);
    const stack = stackOf(sample, byId, parents);
    if (stack === undefined) return;
    let frame = root;
    frame.timeUs += timeUs;
    for (const { callFrame } of stack) {
      const next = frameOf(callFrame.functionName || '(anonymous)', callFrame.url);
      if (!frame.children.has(next.name)) frame.children.set(next.name, next);
      frame = frame.children.get(next.name) ?? next;
      frame.timeUs += timeUs;
    }
  });
  return root;
}

/** From the outermost call on; undefined while nothing ran. */
function stackOf(
  sample: number,
  byId: Map<number, ProfileNode>,
  parents: Map<number, number>,
): ProfileNode[] | undefined {
  const stack: ProfileNode[] = [];
  for (let id: number | undefined = sample; id !== undefined; id = parents.get(id)) {
    const node = byId.get(id);
    if (node === undefined || node.callFrame.functionName === '(root)') continue;
    if (ignored.includes(node.callFrame.functionName)) return undefined;
    stack.unshift(node);
  }
  return stack;
}

function frameOf(functionName: string, url: string): Frame {
  const [kind, place] = originOf(url);
  const name = place === '' ? functionName : `${functionName} · ${place}`;
  return { name, kind, timeUs: 0, children: new Map() };
}

function originOf(url: string): [Frame['kind'], place: string] {
  const path = url.replace(/^file:\/\//, '').replaceAll('\\', '/');
  const packageName = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1];
  if (packageName !== undefined) return ['packages', packageName];
  if (path.startsWith('node:')) return ['node', path.slice('node:'.length)];
  const own = /\/dist\/(.+)\.js$/.exec(path)?.[1];
  return own === undefined ? ['engine', ''] : ['ours', own];
}

function svgOf(root: Frame, title: string): string {
  const boxes: string[] = [];
  let depthMax = 0;
  const draw = (frame: Frame, x: number, depth: number): void => {
    const w = (frame.timeUs / root.timeUs) * width;
    if (w < widthMin || depth > depthMost) return;
    depthMax = Math.max(depthMax, depth);
    boxes.push(boxOf(frame, { x, y: headHeight + depth * rowHeight, w }, root));
    let left = x;
    for (const child of [...frame.children.values()].sort((a, b) => b.timeUs - a.timeUs)) {
      draw(child, left, depth + 1);
      left += (child.timeUs / root.timeUs) * width;
    }
  };
  draw(root, 0, 0);
  const height = headHeight + (depthMax + 1) * rowHeight + 4;
  const legend = Object.entries(colours).map(([kind, colour], index) => {
    const x = 8 + index * 90;
    const box = `<rect x="${x}" y="26" width="10" height="10" fill="${colour}"/>`;
    return `${box}<text x="${x + 14}" y="35">${kind}</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}"`,
    ' font-family="ui-monospace,monospace" font-size="10">',
    '<rect width="100%" height="100%" fill="#fff"/>',
    `<text x="8" y="16" font-size="13">${escape(title)}</text>`,
    ...legend,
    ...boxes,
    '</svg>\n',
  ].join('\n');
}

function boxOf(
  { name, kind, timeUs }: Frame,
  { x, y, w }: Record<'x' | 'y' | 'w', number>,
  root: Frame,
): string {
  const share = ((timeUs / root.timeUs) * 100).toFixed(1);
  const shown = name.slice(0, Math.max(0, Math.floor((w - 4) / 6.1)));
  const text = shown.length > 2 ? `<text x="${x + 2}" y="${y + 11}">${escape(shown)}</text>` : '';
  const size = `x="${x.toFixed(1)}" y="${y}" width="${w.toFixed(1)}" height="${rowHeight - 1}"`;
  const label = `<title>${escape(name)} ${share} %</title>`;
  return `<g>${label}<rect ${size} fill="${colours[kind]}"/>${text}</g>`;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

runCommand(usage, main);

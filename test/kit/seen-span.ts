/** A span as a collector has it. */
export interface SeenSpan {
  traceId: string;
  spanId: string;
  parentId?: string;
  service: string;
  name: string;
  kind: 'internal' | 'server' | 'client' | 'producer' | 'consumer';
  /** Epoch nanoseconds. */
  startedAt: bigint;
  endedAt: bigint;
  attributes: Record<string, unknown>;
  links: { traceId: string; spanId: string; attributes: Record<string, unknown> }[];
  /** The message of its error; undefined when it has none. */
  error?: string;
}

export const spanKinds = ['internal', 'server', 'client', 'producer', 'consumer'] as const;

type Order = (a: SeenSpan, b: SeenSpan) => number;

const byTime: Order = (a, b) => Number(a.startedAt - b.startedAt);

/** The same for every run: what a process does at the same time has no order of its own. */
export const byName: Order = (a, b) => a.name.localeCompare(b.name);

/**
 * The spans of a trace, each below its parent, in the order in which they began:
 *
 * ```
 * orders     POST /v1/orders
 * orders     └─ send orders.confirm-order
 * orders        └─ publish orders.confirm-order
 * ```
 */
export function treeOf(spans: readonly SeenSpan[], order = byTime): string {
  const inOrder = [...spans].sort(order);
  const known = new Set(inOrder.map(({ spanId }) => spanId));
  const isRoot = ({ parentId }: SeenSpan) => parentId === undefined || !known.has(parentId);
  const width = Math.max(...inOrder.map(({ service }) => service.length)) + 1;
  const lines: string[] = [];
  const print = (span: SeenSpan, indent: string, branch: string): void => {
    const failed = span.error === undefined ? '' : ` ✗ ${span.error}`;
    lines.push(`${span.service.padEnd(width)} ${indent}${branch}${span.name}${failed}`);
    const children = inOrder.filter(({ parentId }) => parentId === span.spanId);
    const below = branch === '' ? '' : branch === '└─ ' ? '   ' : '│  ';
    for (const [at, child] of children.entries()) {
      print(child, indent + below, at === children.length - 1 ? '└─ ' : '├─ ');
    }
  };
  for (const root of inOrder.filter(isRoot)) print(root, '', '');
  return lines.join('\n');
}

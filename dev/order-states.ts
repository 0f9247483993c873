import { readFile, writeFile } from 'node:fs/promises';
import {
  type Effect,
  effects,
  type OrderEventName,
  type OrderStatus,
  orderStatuses,
  reveals,
} from '../apps/orders/src/order/order';
import { readArguments } from '../ops/shop/arguments';
import { runCommand } from '../ops/shop/run-command';

const file = 'docs/ORDER-STATES.md';

const usage = `Usage: npm run order-states [-- --check]
Draws ${file} from the table that decides.
  --check  writes nothing; exit code 1 when it is not up to date
Example: npm run order-states`;

type Ends = Record<'from' | 'to', OrderStatus>;
type Arrow = Ends & { label: string };

const names = Object.keys(effects) as OrderEventName[];

function orderStatesDocument(): string {
  return `# The states of an order

Drawn by \`npm run order-states\` from the table in
[\`apps/orders/src/order/order.ts\`](../apps/orders/src/order/order.ts), the only
place that decides; \`npm run check\` fails when this file is not what the table says.

\`\`\`mermaid
${diagram()}
\`\`\`

What each event does to an order in each state. –: it changes nothing, and its message is done.
later: it is tried again. An empty cell: no state that this order can still reach allows the event;
its message is dead-lettered, and a request to cancel is answered with 409.

| event | ${orderStatuses.map((status) => `\`${status}\``).join(' | ')} |
|---|${'---|'.repeat(orderStatuses.length)}
${names.map(row).join('\n')}

Facts that an order keeps for good: ${names.flatMap(revealed).join(', ')}.
`;
}

function row(name: OrderEventName): string {
  const cells = orderStatuses.map((status) => cell(effects[name][status]));
  return `| \`${name}\` | ${cells.join(' | ')} |`;
}

function cell(effect: Effect | undefined): string {
  if (effect === undefined) return ' ';
  if (effect === 'same') return '–';
  if (effect === 'early') return 'later';
  if (typeof effect === 'string') return `\`${effect}\``;
  return `if ${effect.when}: ${path(effect.then)}, otherwise: ${path(effect.otherwise)}`;
}

function path(states: OrderStatus[]): string {
  return states.map((state) => `\`${state}\``).join(' → ') || '–';
}

function revealed(name: OrderEventName): string[] {
  const fact = reveals[name];
  return fact === undefined ? [] : [`${fact} (by \`${name}\`)`];
}

function diagram(): string {
  const arrows = names.flatMap((name) =>
    orderStatuses.flatMap((from) => arrowsOf(name, from, effects[name][from])),
  );
  const joined = new Map<string, string[]>();
  for (const { from, to, label } of arrows) {
    const ends = `${from} --> ${to}`;
    joined.set(ends, [...(joined.get(ends) ?? []), label]);
  }
  const ends = orderStatuses.filter((status) => !arrows.some(({ from }) => from === status));
  return [
    'stateDiagram-v2',
    '  [*] --> pending: order-placed',
    ...[...joined].map(([arrow, labels]) => `  ${arrow}: ${labels.join(' / ')}`),
    ...ends.map((status) => `  ${status} --> [*]`),
  ].join('\n');
}

function arrowsOf(name: OrderEventName, from: OrderStatus, effect?: Effect): Arrow[] {
  if (effect === undefined || effect === 'same' || effect === 'early') return [];
  if (typeof effect === 'string') return [{ from, to: effect, label: name }];
  const { when, then, otherwise } = effect;
  const [yes, no] = [walk(from, then), walk(from, otherwise)];
  const isIn = (all: Ends[], { from, to }: Ends) =>
    all.some((ends) => ends.from === from && ends.to === to);
  return [
    ...yes.map((ends) => ({ ...ends, label: isIn(no, ends) ? name : `${name}, ${when}` })),
    ...no.flatMap((ends) => (isIn(yes, ends) ? [] : { ...ends, label: `${name}, not ${when}` })),
  ];
}

function walk(from: OrderStatus, states: OrderStatus[]): Ends[] {
  return states.map((to, step) => ({ from: states[step - 1] ?? from, to }));
}

/** @returns the exit code */
async function main(): Promise<number> {
  const { values } = readArguments({ options: { check: { type: 'boolean', default: false } } });
  const text = orderStatesDocument();
  if (!values.check) {
    await writeFile(file, text);
    console.log(`Wrote ${file}`);
    return 0;
  }
  const before = await readFile(file, 'utf8').catch(() => '');
  if (before.replaceAll('\r\n', '\n') === text) {
    console.log(`${file} is up to date.`);
    return 0;
  }
  console.error(`${file} is not what the table says: run \`npm run order-states\``);
  return 1;
}

runCommand(usage, main);

import type { Wiring } from '../handlers/handler';
import type { Topology } from '../topology/topology';
import { replyExchange, Ways, type Mode } from '../topology/ways';

/** The topology as GitHub draws it. @param command that writes this document */
export function topologyDocument(
  command: string,
  wirings: Record<string, Wiring[]>,
  topology: Topology,
  mode: Mode,
): string {
  return `# Topology

Exchanges, queues and the handlers that consume from them in ${mode} mode, drawn from the contracts
and the handlers themselves by \`${command} graph\`; with \`--check\` it fails when this file is
not up to date.

\`\`\`mermaid
${diagram(wirings, topology, mode)}
\`\`\`

An exchange is a hexagon, a queue a cylinder, a handler a box. ${legend[mode]}

## Arguments

Queues with the same arguments stand together; \`<queue>\` is the queue's own name.

${queuesByArguments(topology.queues).join('\n\n')}
`;
}

const legend: Record<Mode, string> = {
  simple: `\`(default)\` is the broker's default
exchange: the sender names the queue. Not drawn: a message whose handler throws goes to an exchange
of its tier, and returns from the tier's queue by the name of its own queue; after the last try, or
after a permanent failure, it goes to the dead letters of its queue. An answer goes by the default
exchange too.`,
  strict: `Every queue has an exchange
\`<queue>.in\`, which leads to it alone: works, questions and replays go by it. It is drawn where
nothing else leads to the queue. The broker's default exchange is used by the broker alone, for what
it dead-letters itself. An answer goes to \`replies\`, by the name of the asker's queue. Not drawn:
a message whose handler throws goes to \`<service>.retry.<tier>.in\`, and returns by
\`<service>.retry.return\` and the name of its own queue; after the last try, or after a permanent
failure, it goes to \`<queue>.dead.in\`.`,
};

function diagram(wirings: Record<string, Wiring[]>, { exchanges }: Topology, mode: Mode): string {
  const all = Object.values(wirings).flat();
  const ways = new Ways(mode);
  const unbound = all.filter(({ bindings }) => bindings.length === 0);
  const doors = unbound.map(({ queue }) => ways.to(queue).exchange);
  const drawn = exchanges.filter(
    ({ name }) => doors.includes(name) || !/(^|\.)retry\.|\.in$/.test(name),
  );
  return [
    'flowchart LR',
    ...(ways.isStrict ? [] : ['  default{{"(default)"}}']),
    ...drawn.map(({ name, type }) => `  ${exchangeId(name)}{{"${name} (${type})"}}`),
    ...all.map(({ queue }) => `  ${queueId(queue)}[("${queue}")]`),
    ...all.flatMap((wiring) => edgesInto(wiring, ways)),
    ...Object.entries(wirings).flatMap(([service, own]) => [
      `  subgraph ${service}`,
      ...own.map(({ name, kind, queue }) => `    ${handlerId(queue)}["${name} (${kind})"]`),
      '  end',
    ]),
    ...all.map(({ queue }) => `  ${queueId(queue)} --> ${handlerId(queue)}`),
    ...all.flatMap((wiring) => answerEdge(wiring, ways)),
  ].join('\n');
}

function edgesInto({ queue, bindings }: Wiring, ways: Ways): string[] {
  const { exchange } = ways.to(queue);
  const door = exchange === '' ? 'default' : exchangeId(exchange);
  if (bindings.length === 0) return [`  ${door} --> ${queueId(queue)}`];
  return bindings.map(({ exchange, key }) => {
    const label = key === '' ? '' : `|"${key}"|`;
    return `  ${exchangeId(exchange)} -->${label} ${queueId(queue)}`;
  });
}

function answerEdge({ kind, queue }: Wiring, { isStrict }: Ways): string[] {
  if (kind !== 'rpc' || !isStrict) return [];
  return [`  ${handlerId(queue)} --> ${exchangeId(replyExchange)}`];
}

const plain = (name: string): string => name.replace(/[^a-zA-Z0-9]/g, '_');
const exchangeId = (name: string): string => `x_${plain(name)}`;
const queueId = (name: string): string => `q_${plain(name)}`;
// Two services may name their handlers alike; a queue has one handler.
const handlerId = (queue: string): string => `h_${plain(queue)}`;

type Queues = Topology['queues'];

function queuesByArguments(queues: Queues): string[] {
  const groups = new Map<string, string[]>();
  for (const queue of queues) {
    const args = shown(queue);
    groups.set(args, [...(groups.get(args) ?? []), `- \`${queue.name}\``]);
  }
  return [...groups].map(([args, names]) => `${args}\n\n${names.join('\n')}`);
}

function shown({ name, args }: Queues[number]): string {
  const each = Object.entries(args).map(([key, value]) => {
    const text = JSON.stringify(value).replace(name, '<queue>');
    return `\`${key}: ${text.replace(/"[^"]+(?=\.retry\.return")/, '"<service>')}\``;
  });
  return each.length === 0 ? 'None: a durable classic queue' : each.join(',\n');
}

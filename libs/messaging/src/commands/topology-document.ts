import type { Wiring } from '../handlers/handler';
import type { Topology } from '../topology/topology';

/** The topology as GitHub draws it. @param command that writes this document */
export function topologyDocument(
  command: string,
  wirings: Record<string, Wiring[]>,
  topology: Topology,
): string {
  return `# Topology

Exchanges, queues and the handlers that consume from them, drawn from the contracts and the handlers
themselves by \`${command} graph\`; with \`--check\` it fails when this file is not up to date.

\`\`\`mermaid
${diagram(wirings, topology)}
\`\`\`

An exchange is a hexagon, a queue a cylinder, a handler a box. \`(default)\` is the broker's default
exchange: the sender names the queue. Not drawn: a message whose handler throws goes to an exchange
of its tier, and returns from the tier's queue by the name of its own queue; after the last try, or
after a permanent failure, it goes to the dead letters of its queue.

## Arguments

Queues with the same arguments stand together; \`<queue>\` is the queue's own name.

${queuesByArguments(topology.queues).join('\n\n')}
`;
}

function diagram(wirings: Record<string, Wiring[]>, { exchanges }: Topology): string {
  const all = Object.values(wirings).flat();
  const drawn = exchanges.filter(({ name }) => !name.startsWith('retry.'));
  return [
    'flowchart LR',
    '  default{{"(default)"}}',
    ...drawn.map(({ name, type }) => `  ${exchangeId(name)}{{"${name} (${type})"}}`),
    ...all.map(({ queue }) => `  ${queueId(queue)}[("${queue}")]`),
    ...all.flatMap(edgesInto),
    ...Object.entries(wirings).flatMap(([service, own]) => [
      `  subgraph ${service}`,
      ...own.map(({ name, kind, queue }) => `    ${handlerId(queue)}["${name} (${kind})"]`),
      '  end',
    ]),
    ...all.map(({ queue }) => `  ${queueId(queue)} --> ${handlerId(queue)}`),
  ].join('\n');
}

function edgesInto({ queue, bindings }: Wiring): string[] {
  if (bindings.length === 0) return [`  default --> ${queueId(queue)}`];
  return bindings.map(({ exchange, key }) => {
    const label = key === '' ? '' : `|"${key}"|`;
    return `  ${exchangeId(exchange)} -->${label} ${queueId(queue)}`;
  });
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
  const each = Object.entries(args).map(
    ([key, value]) => `\`${key}: ${JSON.stringify(value).replace(name, '<queue>')}\``,
  );
  return each.length === 0 ? 'None: a durable classic queue' : each.join(',\n');
}

import { inMegabytes } from './memory';
import { commandOf, type Options } from './options';
import type { Run } from './run';

const findingsMax = 20;

export function reportLines({ http, messages, memory, findings }: Run, options: Options): string[] {
  const { requests, connections, seconds } = http;
  const rate = `${connections} connections in ${seconds.toFixed(1)} s`;
  return [
    `${requests} requests on ${rate}: ${counts(http.statuses)}`,
    `${messages.messages} messages in ${messages.seconds.toFixed(1)} s: ${messages.good} good, ` +
      `${messages.bad} bad, ${messages.either} either; ${messages.replies} replies to ` +
      `${messages.questions} questions`,
    `dead letters: ${counts(messages.dead)}`,
    ...Object.keys(memory[0]?.late ?? {}).map((service) => {
      const parts = memory.map(
        ({ early, late }) =>
          `${inMegabytes(early[service] ?? 0)} → ${inMegabytes(late[service] ?? 0)}`,
      );
      return `memory of ${service}: requests ${parts[0]}, messages ${parts[1]}`;
    }),
    ...findings
      .slice(0, findingsMax)
      .flatMap(({ at, property, detail }) => [
        `${property}: ${detail}`,
        `  ${commandOf(options, at)}`,
      ]),
    findings.length === 0 ? 'nothing found' : `${findings.length} findings; seed ${options.seed}`,
  ];
}

function counts(all: Record<string, number>): string {
  const parts = Object.entries(all).map(([name, count]) => `${count} × ${name || 'none'}`);
  return parts.join(', ') || 'none';
}

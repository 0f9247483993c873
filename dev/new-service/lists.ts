import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { classNameOf, type NewService } from './write-folder';

interface List {
  file: string;
  /** @returns undefined where its place was not found */
  entered: (text: string, service: NewService) => string | undefined;
  /** What is to be entered, for people. */
  entry: (service: NewService) => string;
}

const lists: List[] = [
  {
    file: 'apps/services.ts',
    entry: ({ name, port, colour }) => `  '${name}': {
    port: ${port},
    colour: '${colour}',
    module: async () =>
      (await import('./${name}/src/${name}.module')).${classNameOf(name)}Module,
    migrations: [messaging, 'apps/${name}/migrations'],
  },
`,
    entered(text, service) {
      // The gateway and the console, which are no services of the shop, stay the last.
      return before(text, /^ {2}'sandbox-gateway': \{|^\} satisfies /m, this.entry(service));
    },
  },
  {
    file: 'docker-compose.yml',
    entry: ({ name, port }) => `  ${name}:
    <<: *service
    command: [node, --enable-source-maps, dist/apps/${name}/src/main.js]
    environment:
      <<: *environment
      AMQP_URL: amqp://tradepost-${name}:tradepost@broker:5672
      PORT: ${port}
      POSTGRES_URL: postgres://${roleOf(name)}:tradepost@postgres:5432/${roleOf(name)}
    ports: ['127.0.0.1:${port * 10 - 27_000}-${port * 10 - 26_991}:${port}']

`,
    entered(text, service) {
      const { name, port } = service;
      // The end of what the console asks.
      const end = /(?<=^ {6}SERVICES: >-\n(?: {8}.*\n)* {8}.*)$(?=\n {4}\S)/m;
      const known = before(text, end, `,\n        ${name}=http://${name}:${port}`);
      return known && before(known, /^ {2}# The payment provider's side/m, this.entry(service));
    },
  },
  {
    file: 'deploy/telemetry/prometheus.yml',
    entry: ({ name, port }) => `      - { names: [${name}], type: A, port: ${port} }\n`,
    entered(text, service) {
      return before(text, /^ {6}- \{ names: \[sandbox-gateway\]/m, this.entry(service));
    },
  },
  {
    file: 'nest-cli.json',
    entry: ({ name }) =>
      `    "${name}": { "type": "application", "root": "apps/${name}", ` +
      `"entryFile": "main", "sourceRoot": "apps/${name}/src" },\n`,
    entered(text, service) {
      return before(text, /^ {4}"contracts": \{/m, this.entry(service));
    },
  },
];

/** @returns each list, and what is left to be entered by hand */
export async function enter(
  root: string,
  service: NewService,
): Promise<{ file: string; byHand?: string }[]> {
  return Promise.all(
    lists.map(async (list) => {
      const path = join(root, list.file);
      const text = list.entered(await readFile(path, 'utf8'), service);
      if (text === undefined) return { file: list.file, byHand: list.entry(service) };
      await writeFile(path, text);
      return { file: list.file };
    }),
  );
}

function before(text: string, place: RegExp, more: string): string | undefined {
  const at = text.search(place);
  return at < 0 ? undefined : text.slice(0, at) + more + text.slice(at);
}

function roleOf(name: string): string {
  return `tradepost_${name.replaceAll('-', '_')}`;
}

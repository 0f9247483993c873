import { readFileSync } from 'node:fs';
import { appNames, apps } from '../../apps/services';

interface Devcontainer {
  image: string;
  remoteUser: string;
  mounts: { target: string; type: string }[];
  postCreateCommand: string;
  forwardPorts: number[];
  portsAttributes: Record<string, { label: string }>;
}

const read = <T>(file: string) => JSON.parse(readFileSync(file, 'utf8')) as T;
const container = read<Devcontainer>('.devcontainer/devcontainer.json');

it('opens the console and orders at their ports', () => {
  expect(container.forwardPorts).toEqual([apps.console.port, apps.orders.port]);
  expect(container.portsAttributes[apps.console.port]?.label).toBe('console');
});

it.each(appNames)('forwards the port of %s', (name) => {
  const ranges = Object.keys(container.portsAttributes).map((key) => key.split('-').map(Number));
  const { port } = apps[name];
  expect(ranges.some(([first = 0, last = first]) => port >= first && port <= last)).toBe(true);
});

// As root on Debian npm start installs RabbitMQ itself: the container needs no Docker of its own.
it('runs as root on Debian, on a Node that images use', () => {
  const dockerfile = readFileSync('Dockerfile', 'utf8');
  const [, major] = /^ARG NODE_IMAGE=node:(\d+)-slim/m.exec(dockerfile) ?? [];
  expect(container.image).toBe(`node:${major}-bookworm`);
  expect(container.remoteUser).toBe('root');
});

it('keeps its packages apart from those of the host, and has them before npm start', () => {
  const [packages] = container.mounts;
  expect(packages?.target).toBe('${containerWorkspaceFolder}/node_modules');
  const { scripts } = read<{ scripts: Record<string, string> }>('package.json');
  const commands = container.postCreateCommand.split(' && ');
  const npm = commands.flatMap((command) => /^npm (?:run )?(.*)/.exec(command)?.[1] ?? []);
  expect(npm[0]).toBe('ci');
  expect(npm.slice(1).filter((name) => !(name in scripts))).toEqual([]);
  expect(commands.filter((command) => !/^(npm|git) /.test(command))).toEqual([]);
});

import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as contracts from '@tradepost/contracts';
import type { ServerConfig } from '@tradepost/service';
import type { Contract } from '@tradepost/messaging/contract';
import { parse } from 'yaml';
import { appNames, apps, gateway, services, type AppName, type Service } from '../../apps/services';

const root = resolve(__dirname, '../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');

interface ComposeService {
  command: string[];
  environment: Record<string, string | number>;
  ports: string[];
  stop_grace_period: string;
}

const compose = parse(read('docker-compose.yml'), { merge: true }) as {
  services: Record<string, ComposeService>;
};

// First, while nothing has asked for a module.
it('names the services without loading one', () => {
  const loaded = Object.keys(require.cache).filter((file) => /\.module\.[jt]s$/.test(file));
  expect(loaded).toEqual([]);
});

it('has every folder of apps, and no other', () => {
  const folders = readdirSync(join(root, 'apps'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  expect([...appNames].sort()).toEqual(folders.sort());
  expect(services).not.toContain(gateway);
});

it.each(appNames)('%s is in docker-compose.yml with the same port and its own main', (name) => {
  const { port } = apps[name];
  const { command, environment, ports } = compose.services[name] ?? {};
  expect(command?.at(-1)).toBe(`dist/apps/${name}/src/main.js`);
  expect(environment?.PORT).toBe(port);
  expect(ports?.map((mapping) => mapping.split(':').at(-1))).toEqual([String(port)]);
});

it.each(appNames)('%s has the time to stop before docker-compose.yml kills it', (name) => {
  const { SHUTDOWN_DELAY_MS: delayMs, SHUTDOWN_TIMEOUT_MS: timeoutMs } = configOf(name);
  const { environment, stop_grace_period: grace } = compose.services[name] ?? {};
  expect(Object.keys(environment ?? {}).filter((key) => key.startsWith('SHUTDOWN'))).toEqual([]);
  expect(grace).toMatch(/^\d+s$/);
  expect(parseInt(grace ?? '') * 1_000).toBeGreaterThan(delayMs + timeoutMs);
});

it('docker-compose.yml runs nothing of ours beyond the list, the migrations and the topology', () => {
  const ours = Object.entries(compose.services)
    .filter(([, { command }]) => command?.[0] === 'node')
    .map(([name]) => name);
  expect(ours.sort()).toEqual([...appNames, 'migrations', 'topology'].sort());
  expect(compose.services.migrations?.command.at(-1)).toBe('dist/ops/migrate.js');
});

it.each(services)('docker-compose.yml gives %s a user of its own at the broker', (name) => {
  const { AMQP_URL: url } = compose.services[name]?.environment ?? {};
  expect(url).toBe(`amqp://tradepost-${name}:tradepost@broker:5672`);
});

it('docker-compose.yml gives nobody else the administrator of the broker', () => {
  const having = Object.entries(compose.services).filter(([, { environment }]) =>
    Object.values(environment ?? {}).some((value) => /guest/.test(`${value}`)),
  );
  expect(having.map(([name]) => name)).toEqual(['topology']);
});

it('the console of docker-compose.yml asks every service', () => {
  const asked = String(compose.services.console?.environment.SERVICES).split(/,\s*/);
  expect(asked).toEqual(services.map((name) => `${name}=http://${name}:${apps[name].port}`));
});

it('deploy/telemetry/prometheus.yml asks every app for its metrics', () => {
  const { scrape_configs: jobs } = parse(read('deploy/telemetry/prometheus.yml')) as {
    scrape_configs: { dns_sd_configs?: { names: string[]; port: number }[] }[];
  };
  const asked = jobs.flatMap(({ dns_sd_configs: names = [] }) => names);
  expect(asked.map(({ names: [name], port }) => `${name}:${port}`).sort()).toEqual(
    appNames.map((name) => `${name}:${apps[name].port}`).sort(),
  );
});

it('owns the queue of every contract', () => {
  const queues = Object.values(contracts).flatMap((one: unknown) => {
    const { route } = one as Partial<Contract>;
    return route && 'queue' in route ? [route.queue] : [];
  });
  expect(queues).not.toEqual([]);
  expect(queues.filter((queue) => !services.includes(queue.split('.')[0] as Service))).toEqual([]);
});

it('nest-cli.json has every app', () => {
  const { projects } = JSON.parse(read('nest-cli.json')) as {
    projects: Record<string, { type: string; root: string }>;
  };
  const applications = Object.entries(projects).filter(([, { type }]) => type === 'application');
  expect(applications.map(([, { root: folder }]) => folder).sort()).toEqual(
    appNames.map((name) => `apps/${name}`).sort(),
  );
});

it.each(appNames)('%s listens on its port unless PORT says otherwise', (name) => {
  expect(configOf(name).PORT).toBe(apps[name].port);
});

it.each(appNames)('%s has a module, loaded when it is asked for', async (name) => {
  expect(await apps[name].module()).toEqual(expect.any(Function));
});

/** The defaults of its config class, the one export of `<app>.config.ts`. */
function configOf(name: AppName): ServerConfig {
  const file = join(root, 'apps', name, 'src', `${name}.config`);
  const [Config] = Object.values(require(file) as Record<string, new () => ServerConfig>);
  if (!Config) throw new Error(`${file} exports no class`);
  return new Config();
}

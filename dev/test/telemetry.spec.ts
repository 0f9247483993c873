import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';

const root = resolve(__dirname, '../..');
const folder = join(root, 'deploy/telemetry');
const read = (file: string) => readFileSync(join(root, file), 'utf8');

const hasPromtool = spawnSync('promtool', ['--version']).status === 0;
const checked = hasPromtool ? 'as promtool says' : 'by its shape alone, promtool not being here';

interface Rule {
  alert: string;
  expr: string;
  annotations: { summary: string; runbook_url: string };
}

const { groups } = parse(read('deploy/telemetry/rules.yml')) as { groups: { rules: Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);

function promtool(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync('promtool', args, { cwd: folder, encoding: 'utf8' });
  return status === 0 ? 'right' : `${stdout}${stderr}`;
}

describe('deploy/telemetry', () => {
  it(`has a right configuration of Prometheus, ${checked}`, () => {
    if (hasPromtool) expect(promtool('check', 'config', 'prometheus.yml')).toBe('right');
    expect(parse(read('deploy/telemetry/prometheus.yml'))).toMatchObject({
      rule_files: ['rules.yml'],
      scrape_configs: [
        { job_name: 'services' },
        { job_name: 'broker' },
        { job_name: 'broker-queues' },
      ],
    });
  });

  it(`has alerts that fire when they should, ${checked}`, () => {
    if (hasPromtool) expect(promtool('test', 'rules', 'rules.test.yml')).toBe('right');
    const { tests } = parse(read('deploy/telemetry/rules.test.yml')) as {
      tests: { alert_rule_test: { alertname: string }[] }[];
    };
    const tested = tests.flatMap((one) => one.alert_rule_test.map(({ alertname }) => alertname));
    expect(rules.map(({ alert }) => alert).filter((alert) => !tested.includes(alert))).toEqual([]);
  });

  it.each(rules)('says what to do about $alert', ({ alert, annotations }) => {
    const [file = '', anchor] = annotations.runbook_url.split('#');
    const headings = [...read(file).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading);
    const heading = headings.find((one) => anchorOf(one) === anchor);
    expect(heading).toBe(`Alert: ${alert}`);
    const section = read(file).split(`### ${heading}\n`)[1]?.split(/^##/m)[0] ?? '';
    expect(section).toMatch(/^Look/m);
    expect(section).toMatch(/^Do: /m);
  });

  it('says nothing about alerts that are not there', () => {
    const told = [...read('docs/OPERATIONS.md').matchAll(/^### Alert: (.+)$/gm)];
    expect(told.map(([, alert]) => alert)).toEqual(rules.map(({ alert }) => alert));
  });

  it('names in a runbook only commands that are there', () => {
    const text = read('docs/OPERATIONS.md').split('## Alerts')[1]?.split(/^## /m)[0] ?? '';
    const { scripts } = JSON.parse(read('package.json')) as { scripts: object };
    const named = [...text.matchAll(/npm run ([\w-]+)/g)].map(([, script = '']) => script);
    expect(named).not.toEqual([]);
    expect(named.filter((script) => !(script in scripts))).toEqual([]);
  });
});

describe('the profile telemetry of docker-compose.yml', () => {
  const { services } = parse(read('docker-compose.yml'), { merge: true }) as {
    services: Record<
      string,
      { image: string; profiles?: string[]; ports?: string[]; volumes?: string[] }
    >;
  };
  const ofProfile = Object.entries(services).filter(([, one]) =>
    one.profiles?.includes('telemetry'),
  );

  it('has images with a version, on this machine alone, and files that are there', () => {
    const names = ofProfile.map(([name]) => name);
    expect(names.sort()).toEqual(['collector', 'grafana', 'jaeger', 'prometheus']);
    for (const [, { image, profiles, ports = [], volumes = [] }] of ofProfile) {
      expect(profiles).toEqual(['telemetry']);
      expect(image).toMatch(/:v?\d+\.\d+\.\d+$/);
      expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
      const ours = volumes.map((one) => one.split(':')[0] ?? '').filter((one) => /^\./.test(one));
      for (const one of ours) expect(() => readdirSync(join(root, one, '..'))).not.toThrow();
    }
  });

  it('has services send their spans to the collector, which gives them to Jaeger', () => {
    const collector = parse(read('deploy/telemetry/collector.yml')) as {
      receivers: Record<string, { protocols: Record<string, { endpoint: string }> }>;
      exporters: Record<string, { endpoint: string }>;
      processors: object;
      service: { pipelines: Record<string, Record<string, string[]>> };
    };
    expect(read('docker-compose.yml')).toContain('${COMPOSE_PROFILES:+http://collector:4318}');
    expect(collector.receivers.otlp?.protocols.http?.endpoint).toBe('0.0.0.0:4318');
    expect(collector.exporters['otlp/jaeger']?.endpoint).toBe('jaeger:4317');
    for (const pipeline of Object.values(collector.service.pipelines)) {
      for (const [kind, names] of Object.entries(pipeline)) {
        const known = Object.keys(collector[kind as 'receivers' | 'exporters' | 'processors']);
        expect(names.filter((name) => !known.includes(name))).toEqual([]);
      }
    }
  });
});

/** As GitHub makes one of a heading. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');
}

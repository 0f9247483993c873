import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

interface Service {
  image: string;
  user?: string;
  restart?: string;
  privileged?: boolean;
  read_only?: boolean;
  cap_drop?: string[];
  cap_add?: string[];
  security_opt?: string[];
  ports?: string[];
  volumes?: string[];
  healthcheck?: { test: string[] };
}

const compose = parse(readFileSync('docker-compose.yml', 'utf8'), { merge: true }) as {
  services: Record<string, Service>;
};
const services = Object.entries(compose.services);

describe.each(services)('%s of docker-compose.yml', (name, service) => {
  it('writes to its volumes alone, has no capability and gets none', () => {
    expect(service).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    });
    expect(service.cap_add).toBeUndefined();
    expect(service.privileged).toBeUndefined();
  });

  it('is not root', () => {
    // Of the others the image says it: ours below, those of the profiles by their makers.
    const byImage = /^(tradepost$|prom\/|grafana\/|otel\/|jaegertracing\/|quay\.io\/keycloak\/)/;
    expect(service.user ?? byImage.test(service.image)).toEqual(
      { broker: 'rabbitmq', postgres: 'postgres' }[name] ?? true,
    );
  });

  it('is reached from this machine alone', () => {
    for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/);
  });

  it('may not change what it reads of this machine', () => {
    const shared = (service.volumes ?? []).filter((volume) => /^[./~]/.test(volume));
    for (const volume of shared) expect(volume).toMatch(/^\.\/deploy\/[^:]+:[^:]+:ro$/);
  });

  it('is asked whether it works', () => {
    const [kind, program] = service.healthcheck?.test ?? [];
    // The first two end; nobody waits for the two others, whose images are little but their program.
    const unasked = ['migrations', 'topology', 'collector', 'jaeger'];
    expect(kind).toBe(unasked.includes(name) ? undefined : 'CMD');
    if (service.image === 'tradepost' && !unasked.includes(name)) expect(program).toBe('node');
  });
});

describe('the Dockerfile', () => {
  const text = readFileSync('Dockerfile', 'utf8');
  const stages = text.split(/^(?=FROM )/m).slice(1);
  const last = stages.at(-1) ?? '';

  it('ends in an image that begins with nothing, and runs no command in it', () => {
    expect(last).toMatch(/^FROM scratch\n/);
    expect(last).not.toMatch(/^RUN /m);
  });

  it('runs as a user who is not root, by number', () => {
    expect(last).toMatch(/^USER [1-9]\d*:[1-9]\d*$/m);
  });

  it('has one base, which may be given with a digest', () => {
    const bases = stages.map((stage) => stage.split(/\s/)[1]);
    expect(new Set(bases)).toEqual(new Set(['${NODE_IMAGE}', 'scratch']));
    expect(text).toMatch(/^ARG NODE_IMAGE=node:\d+-slim$/m);
  });

  it('installs the packages that the bill of materials names', () => {
    const steps = [
      ['pkg', 'delete', 'devDependencies'],
      ['install', '--package-lock-only', '--offline'],
    ];
    const sbom = readFileSync('dev/sbom.ts', 'utf8');
    const dependencies = stages.find((stage) => / AS dependencies$/m.test(stage));
    for (const step of steps) {
      expect(dependencies).toContain(`npm ${step.join(' ')}`);
      expect(sbom).toContain(step.map((word) => `'${word}'`).join(', '));
    }
  });
});

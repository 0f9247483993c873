import { selects, System } from '../rules/system';
import { by, overlay } from './overlays';

type Pod = [name: string, labels: Record<string, string>];

const system = new System(overlay('local'));
const pods = system.workloads.map(({ name, labels }): Pod => [name, labels]);
const ports: Record<string, number[]> = {
  'broker-server': [5672, 15672],
  postgres: [5432],
  console: [3006],
  orders: [3000],
  users: [3001],
  financial: [3002],
  payments: [3003],
  'log-sink': [3004],
  'sandbox-gateway': [3005],
};

/** As a network plugin judges: what no policy selects is free, and one that allows is enough. */
function reaches([, from]: Pod, [, to]: Pod, port: number, among = system): boolean {
  return isLet('Egress', from, to, port, among) && isLet('Ingress', to, from, port, among);
}

type Way = 'Egress' | 'Ingress';

/** No list, or an empty one, is everything there is. */
function isAny<T>(list: readonly T[] | undefined, isOne: (one: T) => boolean): boolean {
  return list === undefined || list.length === 0 || list.some(isOne);
}

function isLet(way: Way, own: Pod[1], other: Pod[1], wanted: number, among: System): boolean {
  const policies = among
    .all('NetworkPolicy')
    .map(({ spec }) => spec)
    .filter((spec) => selects(spec?.podSelector ?? {}, own) && spec?.policyTypes?.includes(way));
  if (policies.length === 0) return true;
  return policies.some((spec) => {
    const rules = way === 'Egress' ? (spec?.egress ?? []) : (spec?.ingress ?? []);
    return rules.some((rule) => {
      const peers = ('to' in rule ? rule.to : 'from' in rule ? rule.from : []) ?? [];
      const isPort = isAny(rule.ports, ({ port, endPort = port }) => {
        const [first, last] = [Number(port), Number(endPort)];
        return first <= wanted && wanted <= last;
      });
      const isPeer = isAny(
        peers,
        ({ podSelector, namespaceSelector }) =>
          podSelector !== undefined && !namespaceSelector && selects(podSelector, other),
      );
      return isPort && isPeer;
    });
  });
}

it(`lets each app reach its broker, its database and whom it asks, and nobody else, ${by}`, () => {
  const seen = pods.map((from): [string, string[]] => [
    from[0],
    pods.flatMap((to) =>
      (ports[to[0]] ?? [])
        .filter((port) => from !== to && reaches(from, to, port))
        .map((port) => `${to[0]}:${port}`),
    ),
  ]);

  const service = ['broker-server:5672', 'postgres:5432'];
  expect(Object.fromEntries(seen.map(([name, all]) => [name, all.sort()]))).toEqual({
    'broker-server': [],
    postgres: [],
    console: [
      'broker-server:15672',
      'broker-server:5672',
      'financial:3002',
      'log-sink:3004',
      'orders:3000',
      'payments:3003',
      'users:3001',
    ],
    orders: service,
    users: service,
    financial: service,
    'log-sink': service,
    payments: [...service, 'sandbox-gateway:3005'],
    'sandbox-gateway': ['payments:3003', 'postgres:5432'],
    migrations: ['postgres:5432'],
    topology: ['broker-server:15672', 'broker-server:5672'],
  });
});

/** Of names, of talk, of commands, of replicas of streams. */
const ofNodes = [4369, 25672, 35672, 35682, 6000, 6500];

it.each(['local', 'operators'] as const)(
  'lets nodes of the broker of overlays/%s reach each other',
  (name) => {
    const among = new System(overlay(name));
    const node: Pod = ['broker', { 'app.kubernetes.io/name': 'broker' }];
    const stranger: Pod = ['orders', { 'app.kubernetes.io/name': 'orders' }];
    expect(ofNodes.filter((port) => !reaches(node, node, port, among))).toEqual([]);
    expect(ofNodes.filter((port) => reaches(stranger, node, port, among))).toEqual([]);
  },
);

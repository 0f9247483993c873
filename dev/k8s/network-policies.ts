import { apps, gateway, window, type AppName } from '../../apps/services';
import type { Kinds } from './kinds';
import {
  amqpPort,
  broker,
  databasePods,
  databasePort,
  labelsOf,
  managementPort,
  podsOf,
  deployed,
  stored,
  watched,
} from './names';

type NetworkPolicy = Kinds['NetworkPolicy'];
type Spec = NonNullable<NetworkPolicy['spec']>;

const tcp = (...ports: number[]) => ports.map((port) => ({ protocol: 'TCP' as const, port }));

/** Who may ask the app, and whom it may ask, by what it declares that it does. */
export function networkPolicyOf(app: AppName): NetworkPolicy {
  const { port } = apps[app];
  // Who collects metrics is in a namespace with this label.
  const from: NonNullable<Spec['ingress']>[number]['from'] = [
    { namespaceSelector: { matchLabels: { 'tradepost/collects': 'metrics' } } },
  ];
  const egress: NonNullable<Spec['egress']> = [];
  if (watched.includes(app)) from.push({ podSelector: podsOf(window) });
  if (app === gateway) from.push({ podSelector: podsOf('payments') });
  // It calls back.
  if (app === 'payments') from.push({ podSelector: podsOf(gateway) });
  if (deployed.includes(app)) {
    const ports = app === window ? tcp(amqpPort, managementPort) : tcp(amqpPort);
    egress.push({ to: [{ podSelector: podsOf(broker) }], ports });
  }
  if (stored.includes(app)) {
    egress.push({ to: [{ podSelector: databasePods }], ports: tcp(databasePort) });
  }
  if (app === window) {
    for (const name of watched) {
      egress.push({ to: [{ podSelector: podsOf(name) }], ports: tcp(apps[name].port) });
    }
  }
  return policy(app, {
    podSelector: podsOf(app),
    policyTypes: ['Ingress', 'Egress'],
    ingress: [{ from, ports: tcp(port) }],
    egress,
  });
}

/** Who may reach the broker, from the shop's side. */
export function brokerPolicy(): NetworkPolicy {
  const clients = [...deployed, 'topology'].sort();
  return policy(broker, {
    podSelector: podsOf(broker),
    policyTypes: ['Ingress'],
    ingress: [
      { from: [{ podSelector: podsOf(...clients) }], ports: tcp(amqpPort) },
      { from: [{ podSelector: podsOf(window, 'topology') }], ports: tcp(managementPort) },
    ],
  });
}

/** Who may reach the database. */
export function databasePolicy(): NetworkPolicy {
  const clients = [...stored, 'migrations'].sort();
  return policy('database', {
    podSelector: databasePods,
    policyTypes: ['Ingress'],
    ingress: [{ from: [{ podSelector: podsOf(...clients) }], ports: tcp(databasePort) }],
  });
}

function policy(name: string, spec: Spec): NetworkPolicy {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, labels: labelsOf(name) },
    spec,
  };
}

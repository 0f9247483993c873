import { desiredTopology, rightsOfParties, wiringsOfServices } from '@tradepost/messaging';
import { stringify } from 'yaml';
import { gateway, services } from '../../apps/services';
import { shop } from '../../ops/shop/messaging';
import { bindingsOf, exchangesOf, queuesOf, usersOf } from './broker-resources';
import { databaseResource, rolesPatch } from './databases';
import { brokerReplicas, deployed, stored } from './names';
import { brokerPolicy, databasePolicy, networkPolicyOf } from './network-policies';
import { scaledObjectOf, scalerAuthentication } from './scaled-objects';
import { workloadOf } from './workload';

export const root = 'deploy/k8s';

/** Nothing in them is written by hand. */
export const writtenFolders = [
  'base/apps',
  'components/sandbox-gateway/app',
  'overlays/operators/broker',
  'overlays/operators/scaling',
  'overlays/operators/databases',
].map((path) => `${root}/${path}`);

export interface File {
  path: string;
  text: string;
}

/** All of deploy/k8s that is written from what the code declares. */
export async function writtenFiles(): Promise<File[]> {
  const wirings = await wiringsOfServices(shop);
  const topology = desiredTopology(wirings, await shop.contracts(), 'strict', brokerReplicas);
  const rights = await rightsOfParties(shop, wirings, 'strict');
  return [
    ...folder('base/apps', {
      ...Object.fromEntries(
        deployed.map((app) => [app, [...workloadOf(app), networkPolicyOf(app)]]),
      ),
      servers: [brokerPolicy(), databasePolicy()],
    }),
    ...folder('components/sandbox-gateway/app', {
      [gateway]: [...workloadOf(gateway), networkPolicyOf(gateway)],
    }),
    ...folder('overlays/operators/broker', {
      exchanges: exchangesOf(topology),
      queues: queuesOf(topology),
      bindings: bindingsOf(topology),
      users: usersOf(rights),
    }),
    ...folder('overlays/operators/scaling', {
      authentication: [scalerAuthentication()],
      ...Object.fromEntries(
        services.map((name) => [name, [scaledObjectOf(name, wirings[name] ?? [])]]),
      ),
    }),
    ...folder('overlays/operators/databases', { databases: stored.map(databaseResource) }),
    file('overlays/operators/roles.yaml', [rolesPatch(stored)]),
  ];
}

/** A folder that Kustomize takes whole, with nothing in it that is written by hand. */
function folder(path: string, files: Record<string, readonly object[]>): File[] {
  const kustomization = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: Object.keys(files).map((name) => `${name}.yaml`),
  };
  return [
    file(`${path}/kustomization.yaml`, [kustomization]),
    ...Object.entries(files).map(([name, manifests]) => file(`${path}/${name}.yaml`, manifests)),
  ];
}

function file(path: string, manifests: readonly object[]): File {
  const head = '# Written by `npm run k8s -- write`.\n';
  return { path: `${root}/${path}`, text: head + yamlOf(manifests) };
}

export function yamlOf(manifests: readonly object[]): string {
  const options = { lineWidth: 0, singleQuote: true, aliasDuplicateObjects: false } as const;
  return manifests.map((one) => stringify(one, options)).join('---\n');
}

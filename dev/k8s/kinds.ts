import type { IDeployment } from 'kubernetes-models/apps/v1/Deployment';
import type { IStatefulSet } from 'kubernetes-models/apps/v1/StatefulSet';
import type { IJob } from 'kubernetes-models/batch/v1/Job';
import type { INetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy';
import type { IPodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget';
import type { IConfigMap } from 'kubernetes-models/v1/ConfigMap';
import type { INamespace } from 'kubernetes-models/v1/Namespace';
import type { ISecret } from 'kubernetes-models/v1/Secret';
import type { IService } from 'kubernetes-models/v1/Service';
import type { IServiceAccount } from 'kubernetes-models/v1/ServiceAccount';

/**
 * What deploy/k8s may have: a field that is not in a kind is refused. Of the operators' kinds here
 * is as much as we say.
 */
export interface Kinds {
  ConfigMap: IConfigMap;
  Deployment: IDeployment;
  Job: IJob;
  Namespace: INamespace;
  NetworkPolicy: INetworkPolicy;
  PodDisruptionBudget: IPodDisruptionBudget;
  Secret: ISecret;
  Service: IService;
  ServiceAccount: IServiceAccount;
  StatefulSet: IStatefulSet;

  // KEDA
  ScaledObject: Custom<'keda.sh/v1alpha1', 'ScaledObject', ScaledObjectSpec>;
  TriggerAuthentication: Custom<'keda.sh/v1alpha1', 'TriggerAuthentication', SignInSpec>;

  // CloudNativePG
  Cluster: Custom<'postgresql.cnpg.io/v1', 'Cluster', ClusterSpec>;
  Database: Custom<'postgresql.cnpg.io/v1', 'Database', DatabaseSpec>;

  // RabbitMQ's two operators
  RabbitmqCluster: Custom<'rabbitmq.com/v1beta1', 'RabbitmqCluster', RabbitmqClusterSpec>;
  Exchange: Custom<'rabbitmq.com/v1beta1', 'Exchange', ExchangeSpec>;
  Queue: Custom<'rabbitmq.com/v1beta1', 'Queue', QueueSpec>;
  Binding: Custom<'rabbitmq.com/v1beta1', 'Binding', BindingSpec>;
  User: Custom<'rabbitmq.com/v1beta1', 'User', UserSpec>;
  Permission: Custom<'rabbitmq.com/v1beta1', 'Permission', PermissionSpec>;
  TopicPermission: Custom<'rabbitmq.com/v1beta1', 'TopicPermission', TopicPermissionSpec>;
}

export type Manifest = Kinds[keyof Kinds];

interface Custom<Version extends string, Kind extends string, Spec> {
  apiVersion: Version;
  kind: Kind;
  metadata: { name: string; namespace?: string; labels?: Record<string, string> };
  spec: Spec;
}

interface ScaledObjectSpec {
  scaleTargetRef: { name: string };
  pollingInterval: number;
  minReplicaCount: number;
  maxReplicaCount: number;
  advanced: {
    horizontalPodAutoscalerConfig: {
      behavior: { scaleDown: { stabilizationWindowSeconds: number } };
    };
  };
  triggers: Trigger[];
}

interface Trigger {
  type: 'rabbitmq' | 'cpu';
  metricType?: 'Utilization';
  metadata: Partial<Record<TriggerSetting, string>>;
  authenticationRef?: { name: string };
}

type TriggerSetting =
  'protocol' | 'host' | 'vhostName' | 'mode' | 'value' | 'useRegex' | 'queueName' | 'operation';

interface SignInSpec {
  secretTargetRef: { parameter: string; name: string; key: string }[];
}

interface ClusterSpec {
  imageName: string;
  instances: number;
  postgresql: {
    parameters: Record<string, string>;
    synchronous: { method: 'any' | 'first'; number: number; dataDurability: 'required' };
  };
  managed: {
    roles: {
      name: string;
      ensure: 'present' | 'absent';
      login: boolean;
      passwordSecret: { name: string };
    }[];
  };
  inheritedMetadata: { labels: Record<string, string> };
  storage: { size: string };
  resources: { requests: Quantities; limits: Quantities };
}

interface DatabaseSpec {
  name: string;
  owner: string;
  cluster: { name: string };
  databaseReclaimPolicy: 'retain' | 'delete';
  encoding: string;
  localeProvider: 'libc' | 'icu' | 'builtin';
  locale: string;
}

type Quantities = Record<'cpu' | 'memory', string>;

interface RabbitmqClusterSpec {
  image: string;
  replicas: number;
  persistence: { storage: string };
  resources: { requests: Quantities; limits: Quantities };
  terminationGracePeriodSeconds: number;
  affinity?: object;
  rabbitmq: { additionalConfig: string; advancedConfig: string; additionalPlugins?: string[] };
}

interface ReferenceToCluster {
  rabbitmqClusterReference: { name: string };
}

type Arguments = Record<string, string | number | boolean>;

interface ExchangeSpec extends ReferenceToCluster {
  name: string;
  vhost: string;
  type: 'fanout' | 'topic' | 'direct';
  durable: boolean;
  arguments?: Arguments;
}

interface QueueSpec extends ReferenceToCluster {
  name: string;
  vhost: string;
  type: 'quorum' | 'stream';
  durable: boolean;
  deletionPolicy: 'retain';
  arguments?: Arguments;
}

interface BindingSpec extends ReferenceToCluster {
  vhost: string;
  source: string;
  destination: string;
  destinationType: 'queue' | 'exchange';
  routingKey: string;
  arguments?: Arguments;
}

interface UserSpec extends ReferenceToCluster {
  importCredentialsSecret: { name: string };
  tags?: ('monitoring' | 'administrator')[];
}

interface PermissionSpec extends ReferenceToCluster {
  vhost: string;
  userReference: { name: string };
  permissions: Record<'configure' | 'write' | 'read', string>;
}

interface TopicPermissionSpec extends ReferenceToCluster {
  vhost: string;
  userReference: { name: string };
  permissions: Record<'exchange' | 'write' | 'read', string>;
}

import type { Wiring } from '@tradepost/messaging';
import type { Service } from '../../apps/services';
import { scaler } from './broker-resources';
import type { Kinds } from './kinds';
import { broker, labelsOf, managementPort, namespace } from './names';

/** A replica for so many messages that are ready or held. */
const messagesPerReplica = 100;

/** How KEDA signs in at the broker's management API. */
export function scalerAuthentication(): Kinds['TriggerAuthentication'] {
  const secret = `${broker}-${scaler}`;
  return {
    apiVersion: 'keda.sh/v1alpha1',
    kind: 'TriggerAuthentication',
    metadata: { name: secret },
    spec: {
      secretTargetRef: ['username', 'password'].map((key) => {
        return { parameter: key, name: secret, key };
      }),
    },
  };
}

/** By what waits for the service's handlers, and by CPU for what comes by HTTP. */
export function scaledObjectOf(
  service: Service,
  wirings: readonly Wiring[],
): Kinds['ScaledObject'] {
  const queues = wirings.map(({ queue }) => queue.replaceAll('.', '\\.'));
  return {
    apiVersion: 'keda.sh/v1alpha1',
    kind: 'ScaledObject',
    metadata: { name: service, labels: labelsOf(service) },
    spec: {
      scaleTargetRef: { name: service },
      pollingInterval: 10,
      minReplicaCount: 2,
      maxReplicaCount: 4,
      advanced: {
        horizontalPodAutoscalerConfig: {
          behavior: { scaleDown: { stabilizationWindowSeconds: 120 } },
        },
      },
      triggers: [
        {
          type: 'rabbitmq',
          metadata: {
            // Over AMQP it would count what is ready, and not what is held.
            protocol: 'http',
            host: `http://${broker}.${namespace}.svc:${managementPort}`,
            vhostName: '/',
            mode: 'QueueLength',
            value: String(messagesPerReplica),
            useRegex: 'true',
            queueName: `^(${queues.join('|')})$`,
            operation: 'sum',
          },
          authenticationRef: { name: `${broker}-${scaler}` },
        },
        { type: 'cpu', metricType: 'Utilization', metadata: { value: '200' } },
      ],
    },
  };
}

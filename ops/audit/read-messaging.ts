import type { TokenSource } from '@tradepost/service';
import { services, type Service } from '../../apps/services';
import { ask, pageLimits, readAll, Unreachable } from './client';
import type { DeadLetter, Facts, Replica } from './facts';
import type { Endpoints } from './endpoints';

type Messaging = Pick<Facts, 'replicas' | 'deadLetters' | 'deliveries' | 'unreadable'>;

interface Readiness {
  figures?: { outboxLagSeconds: number | null; deadLetters: Replica['deadLetters'] };
}

/** What each replica says of its outbox and its dead letters, and the dead letters themselves. */
export async function readMessaging(endpoints: Endpoints): Promise<Messaging> {
  const replicas = await Promise.all(
    services.flatMap((service) =>
      endpoints.services[service].map((url) => replicaAt(service, url)),
    ),
  );
  const deadLetters: DeadLetter[] = [];
  const unreadable = new Map<string, string>();
  for (const service of services) {
    const replica = replicas.find((one) => one.service === service && hasDeadLetters(one));
    if (replica === undefined) continue;
    const { opsToken } = endpoints;
    const why = await whyUnreadable(replica.url, opsToken);
    if (why === undefined) deadLetters.push(...(await messagesAt(replica.url, opsToken)));
    else unreadable.set(service, why);
  }
  const [orders] = endpoints.services.orders;
  const aboutWebhooks = deadLetters.some(({ body }) => body.includes('"deliveryId"'));
  const deliveries =
    aboutWebhooks && orders
      ? await deliveriesAt(orders, endpoints.token)
      : new Map<string, string>();
  return { replicas, deadLetters, deliveries, unreadable };
}

// 503 as well: a service that is not ready knows its figures all the same.
async function replicaAt(service: Service, url: string): Promise<Replica> {
  const { figures } = (await ask(`${url}/health/ready`)).body as Readiness;
  if (figures === undefined) throw new Unreachable(url, 'its health has no figures');
  const { outboxLagSeconds: outboxLag, deadLetters } = figures;
  return { service, url, outboxLag, deadLetters };
}

const hasDeadLetters = ({ deadLetters }: Replica) => Object.keys(deadLetters ?? {}).length > 0;

async function whyUnreadable(url: string, token?: TokenSource): Promise<string | undefined> {
  if (token === undefined) return 'set OPS_TOKEN, that of the services';
  const { status } = await ask(`${url}/ops/dead-letters/messages?limit=1`, token);
  if (status === 401) return 'it refuses the token: is OPS_TOKEN its own?';
  if (status === 403) return 'the token needs the scope ops';
  return status === 404 ? 'it has no OPS_TOKEN' : undefined;
}

async function messagesAt(url: string, token?: TokenSource): Promise<DeadLetter[]> {
  const messages: DeadLetter[] = [];
  for await (const message of readAll<DeadLetter>(`${url}/ops/dead-letters/messages`, { token })) {
    const { queue, id, errorCode, body } = message;
    messages.push({ queue, id, errorCode, body });
  }
  return messages;
}

/** Those that were not delivered, of every endpoint. */
async function deliveriesAt(url: string, token?: TokenSource): Promise<Map<string, string>> {
  const deliveries = new Map<string, string>();
  const page = { token, limit: pageLimits.plain };
  const webhooks = `${url}/v1/webhooks`;
  for await (const { id: endpoint } of readAll<{ id: string }>(webhooks, page)) {
    const list = `${webhooks}/${endpoint}/deliveries`;
    for await (const { id, status } of readAll<{ id: string; status: string }>(list, page)) {
      deliveries.set(id, status);
    }
  }
  return deliveries;
}

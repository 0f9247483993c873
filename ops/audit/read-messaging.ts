import { services, type Service } from '../../apps/services';
import { ask, pageLimits, readAll, Unreachable } from './client';
import type { DeadLetter, Facts, Replica } from './facts';
import type { Endpoints } from './endpoints';

type Messaging = Pick<Facts, 'replicas' | 'deadLetters' | 'deliveries' | 'closed'>;

interface Readiness {
  figures?: { outboxLagSeconds: number | null; deadLetters: Replica['deadLetters'] };
}

/** What each replica says of its outbox and its dead letters, and the letters themselves. */
export async function readMessaging(endpoints: Endpoints): Promise<Messaging> {
  const replicas = await Promise.all(
    services.flatMap((service) =>
      endpoints.services[service].map((url) => replicaAt(service, url)),
    ),
  );
  const deadLetters: DeadLetter[] = [];
  const closed = new Map<string, string>();
  for (const service of services) {
    const buried = replicas.find((replica) => replica.service === service && hasLetters(replica));
    if (buried === undefined) continue;
    const why = await whyClosed(buried.url, endpoints.opsToken);
    if (why === undefined) deadLetters.push(...(await lettersAt(buried.url, endpoints.opsToken)));
    else closed.set(service, why);
  }
  const [orders] = endpoints.services.orders;
  const aboutWebhooks = deadLetters.some(({ body }) => body.includes('"deliveryId"'));
  const deliveries =
    aboutWebhooks && orders ? await deliveriesAt(orders) : new Map<string, string>();
  return { replicas, deadLetters, deliveries, closed };
}

// 503 as well: a service that is not ready knows its figures all the same.
async function replicaAt(service: Service, url: string): Promise<Replica> {
  const { figures } = (await ask(`${url}/health/ready`)).body as Readiness;
  if (figures === undefined) throw new Unreachable(url, 'its health has no figures');
  const { outboxLagSeconds: outboxLag, deadLetters } = figures;
  return { service, url, outboxLag, deadLetters };
}

const hasLetters = ({ deadLetters }: Replica) => Object.keys(deadLetters ?? {}).length > 0;

async function whyClosed(url: string, token?: string): Promise<string | undefined> {
  if (token === undefined) return 'say --ops-token TOKEN, the OPS_TOKEN of the services';
  const { status } = await ask(`${url}/ops/dead-letters/letters?limit=1`, token);
  if (status === 401) return '--ops-token is not its OPS_TOKEN';
  return status === 404 ? 'it has no OPS_TOKEN' : undefined;
}

async function lettersAt(url: string, token?: string): Promise<DeadLetter[]> {
  const letters: DeadLetter[] = [];
  for await (const letter of readAll<DeadLetter>(`${url}/ops/dead-letters/letters`, { token })) {
    const { queue, id, errorCode, body } = letter;
    letters.push({ queue, id, errorCode, body });
  }
  return letters;
}

/** Those that were not delivered, of every endpoint. */
async function deliveriesAt(url: string): Promise<Map<string, string>> {
  const deliveries = new Map<string, string>();
  const limit = pageLimits.plain;
  for await (const { id: endpoint } of readAll<{ id: string }>(`${url}/v1/webhooks`, { limit })) {
    const list = `${url}/v1/webhooks/${endpoint}/deliveries`;
    for await (const { id, status } of readAll<{ id: string; status: string }>(list, { limit })) {
      deliveries.set(id, status);
    }
  }
  return deliveries;
}

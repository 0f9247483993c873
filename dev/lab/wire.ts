import { eventually, type Listener, type TestBroker } from '@tradepost/messaging/testing';
import { fetch } from 'undici';

/** A message as it was published, whoever published it. */
export interface Published {
  exchange: string;
  routingKey: string;
  replyTo?: string;
  correlationId?: string;
  headers: Record<string, unknown>;
}

/** What the broker puts on a message that it traces. */
interface TraceHeaders {
  exchange_name?: string;
  routing_keys?: string[];
  properties?: {
    reply_to?: string;
    correlation_id?: string;
    headers?: Record<string, unknown>;
  };
}

const queue = 'lab.trace';
const everyMs = 5;
const callMs = 10_000;

/** The broker's own tracing ("firehose"): a copy of each message that is published. */
export class Wire {
  private read = 0;
  private readonly timer: NodeJS.Timeout;

  private constructor(
    private readonly traced: Listener,
    private readonly heard: (published: Published) => void,
  ) {
    this.timer = setInterval(() => this.drain(), everyMs);
  }

  static async open(
    broker: TestBroker,
    managementUrl: string,
    heard: (published: Published) => void,
  ): Promise<Wire> {
    await broker.declareQueue(queue);
    await broker.bindQueue(queue, 'amq.rabbitmq.trace', 'publish.#');
    const traced = await broker.takeFrom(queue);
    await switchOn(broker, managementUrl);
    return new Wire(traced, heard);
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.traced.stop();
  }

  private drain(): void {
    for (const { headers } of this.traced.messages.slice(this.read)) {
      this.read += 1;
      this.heard(publishedOf(headers));
    }
  }
}

function publishedOf({ exchange_name = '', routing_keys = [], properties = {} }: TraceHeaders) {
  return {
    exchange: exchange_name,
    routingKey: routing_keys[0] ?? '',
    replyTo: properties.reply_to,
    correlationId: properties.correlation_id,
    headers: properties.headers ?? {},
  };
}

async function switchOn(broker: TestBroker, managementUrl: string): Promise<void> {
  const { origin, username, password } = new URL(managementUrl);
  const login = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const vhost = new URL(broker.amqpUrl).pathname.slice(1);
  const call = async () => {
    const response = await fetch(`${origin}/api/vhosts/${vhost}`, {
      method: 'PUT',
      headers: {
        authorization: `Basic ${Buffer.from(login).toString('base64')}`,
        'content-type': 'application/json',
        connection: 'close',
      },
      body: JSON.stringify({ tracing: true }),
      signal: AbortSignal.timeout(callMs),
    });
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  };
  await eventually(call, { what: 'switching on the tracing', withinMs: callMs });
}

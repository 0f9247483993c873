import type { SocketOptions } from './connection/connect';
import type { BrokerUrl } from './connection/nodes';
import type { Contract } from './contract';
import type { Mode } from './topology/ways';

export interface MessagingOptions {
  /** The service's name: owner of its queues, `appId` of what it says. */
  service: string;
  /**
   * With user and password; TLS: `amqps://…?cacertfile=/ca.pem&certfile=/me.pem&keyfile=/me.key`.
   * Several nodes of a cluster: `amqp://user:password@a:5672,b:5672`, or a list of URLs; each
   * connection begins at the next of them, and goes on to another when its node is lost.
   * A function is asked for each connection, as for credentials that change.
   */
  amqpUrl: BrokerUrl;
  /**
   * `simple` when not given: it declares what it needs, and any user that may do all will do.
   * `strict`: it declares nothing, its topology is applied beforehand, and it needs the least
   * permissions (`topology permissions`).
   */
  mode?: Mode;
  /**
   * Nodes of a cluster that keep each queue, stream and question. When not given the broker decides
   * of queues (RabbitMQ: three), and questions wait on one node alone. All services have the same.
   */
  queueReplicas?: number;
  /** How to reach the broker, beside its URL: TLS, `credentials` and what else amqplib takes. */
  socketOptions?: SocketOptions;
  /** What it sends, tells and asks; in strict mode looked for at the start. */
  sends?: readonly Contract[];
  /** Messages a handler has in hand at most, unless its decorator says otherwise. */
  prefetch: number;
  /** How long a shutdown waits for handlers to finish, in milliseconds; 5,000 when not given. */
  drainTimeoutMs?: number;
  /** A consumer with no sign of itself for so long is checked; 10,000 when not given. */
  consumerCheckMs?: number;
  /** A message in a handler's hands for longer makes the service unready; 60,000 when not given. */
  heldMaxMs?: number;
}

export const messagingOptions = Symbol('messaging:options');

import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import type { Sale } from '../messages/sale';
import type { Customer, GetCustomer } from '../rpc/customer';

export interface Setup {
  /** A virtual host of the peer's own. */
  amqpUrl: string;
  /** A database with the tables of libs/messaging, for the outbox. */
  postgresUrl?: string;
  /** Where the HTTP service listens. */
  port: number;
}

/** Publishes one sale; resolves when the broker has confirmed it. */
export type Publish = (sale: Sale) => Promise<unknown>;

/** Asks for one customer, and checks the answer. */
export type Ask = (question: GetCustomer) => Promise<Customer>;

/**
 * A library, used as its documentation says. Publisher and consumer are two processes, and so are
 * server and caller; each function resolves when its part is ready.
 */
export interface Peer {
  publisher?: (setup: Setup) => Promise<Publish>;
  /** @param handled takes each sale that passed its validation, before it is acked */
  consumer?: (setup: Setup, handled: (sale: Sale) => void) => Promise<void>;
  server?: (setup: Setup) => Promise<void>;
  caller?: (setup: Setup) => Promise<Ask>;
}

export const queues = { sales: 'bench.take-sale', customers: 'bench.get-customer' };

/** Unconfirmed at a publisher, and unacked at a consumer, wherever a library lets one say so. */
export const window = 200;

/** More than are ever in flight. */
export const rpcPrefetch = 300;

/** Durable and replicated, as every sale's queue here. */
export const quorum = { 'x-queue-type': 'quorum' } as const;

export function toJson(body: object): Buffer {
  return Buffer.from(JSON.stringify(body));
}

export function fromJson(content: Buffer): object {
  return JSON.parse(content.toString()) as object;
}

/** What Nest's ValidationPipe does, for libraries without pipes. @throws when a field is wrong */
export function checked<T extends object>(type: new () => T, plain: object): T {
  const instance = plainToInstance(type, plain);
  const errors = validateSync(instance, { whitelist: true });
  if (errors.length > 0) throw new Error(`${type.name}: ${errors.join(', ')}`);
  return instance;
}

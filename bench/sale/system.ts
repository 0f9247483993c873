import type { Pids } from '../harness/measure';
import type { VirtualHost } from '../harness/virtual-host';
import type { Db } from '@tradepost/database';
import type { Target } from './client';

/** A system that sells: what the measuring of a sale needs to know of it. */
export interface SaleSystem {
  readonly name: string;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** While it runs. */
  readonly orders: Target;
  readonly pids: Pids;
  readonly host: VirtualHost;
  /** Names of its databases. */
  readonly databases: readonly string[];
  /** That of its orders. */
  readonly db: Db;
  /** Orders that are still on their way; one statement. */
  unfinished(): Promise<number>;
  /** When each order was completed that was placed at or after `since`, epoch milliseconds. */
  completed(since: Date): Promise<Map<string, number>>;
  /** @throws when an effect of one of these orders is missing, or there twice */
  assertRight(orders: readonly string[]): Promise<void>;
}

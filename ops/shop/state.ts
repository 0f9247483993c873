import { readFile } from 'node:fs/promises';
import type { ClientCredentials } from '@tradepost/service';
import type { Service } from '../../apps/services';

/** What `npm start` runs and where, for the other commands. */
export interface State {
  /** The window on the shop, for a browser. */
  console?: { url: string; pid: number };
  /** Of `npm start` itself. */
  pid: number;
  /** Of an administrator. */
  amqpUrl?: string;
  managementUrl?: string;
  /** AMQP_MODE of every service. */
  amqpMode?: string;
  /** The same broker for the commands about dead letters. */
  operator?: { amqpUrl: string; managementUrl: string };
  postgresUrl?: string;
  /** OPS_TOKEN of every service, with AUTH=none. */
  opsToken?: string;
  /** With AUTH=jwt: as whom commands get their tokens. */
  credentials?: ClientCredentials;
  /** The payment gateway's HTTP server; without one it is in the process of payments. */
  gatewayUrl?: string;
  gatewayPid?: number;
  services?: Partial<Record<Service, { url: string; pid: number }>>;
}

export const stateFile = '.tradepost/state.json';

/** Undefined where nothing runs, and of a file that a start half wrote when it was killed. */
export async function readState(): Promise<State | undefined> {
  try {
    return JSON.parse(await readFile(stateFile, 'utf8')) as State;
  } catch {
    return undefined;
  }
}

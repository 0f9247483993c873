import type { Service } from '../apps/services';

/** What runs and where, for the other commands. */
export interface State {
  /** Of `npm start` itself. */
  pid: number;
  amqpUrl?: string;
  managementUrl?: string;
  postgresUrl?: string;
  /** OPS_TOKEN of every service. */
  opsToken?: string;
  /** The payment gateway's HTTP server; without one it is in the process of payments. */
  gatewayUrl?: string;
  gatewayPid?: number;
  services?: Record<Service, { url: string; pid: number }>;
}

export const stateFile = '.tradepost/state.json';

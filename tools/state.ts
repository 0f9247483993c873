import type { Service } from './migrate-services';

/** What runs and where, for the other commands. */
export interface State {
  /** Of `npm start` itself. */
  pid: number;
  amqpUrl?: string;
  managementUrl?: string;
  postgresUrl?: string;
  services?: Record<Service, { url: string; pid: number }>;
}

export const stateFile = '.tradepost/state.json';

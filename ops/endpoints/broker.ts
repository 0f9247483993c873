import { readState } from './state';

export interface BrokerEndpoints {
  amqpUrl: string;
  managementUrl?: string;
}

/** As the flags say, else the environment, else the running `npm start`. @throws when none does */
export async function brokerEndpoints(flags: Partial<BrokerEndpoints>): Promise<BrokerEndpoints> {
  const { AMQP_URL, AMQP_MANAGEMENT_URL } = process.env;
  const state = await readState();
  // An empty variable counts as not set.
  const amqpUrl = flags.amqpUrl || AMQP_URL || state?.amqpUrl;
  if (!amqpUrl) {
    throw new Error('no broker: begin with `npm start`, or say --amqp-url or AMQP_URL');
  }
  const ofState = amqpUrl === state?.amqpUrl ? state.managementUrl : undefined;
  return { amqpUrl, managementUrl: flags.managementUrl || AMQP_MANAGEMENT_URL || ofState };
}

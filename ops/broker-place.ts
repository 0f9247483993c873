import { readFile } from 'node:fs/promises';
import { stateFile, type State } from './state';

export interface BrokerPlace {
  amqpUrl: string;
  managementUrl?: string;
}

/** As the flags say, else the environment, else the running `npm start`. @throws when none does */
export async function brokerPlace(flags: Partial<BrokerPlace>): Promise<BrokerPlace> {
  const { AMQP_URL, AMQP_MANAGEMENT_URL } = process.env;
  const state = await readFile(stateFile, 'utf8').then(
    (text) => JSON.parse(text) as State,
    () => undefined,
  );
  // An empty variable counts as not set.
  const named = flags.amqpUrl || AMQP_URL;
  const amqpUrl = named || state?.amqpUrl;
  if (!amqpUrl) {
    throw new Error('no broker: begin with `npm start`, or say --amqp-url or AMQP_URL');
  }
  const ofState = amqpUrl === state?.amqpUrl ? state.managementUrl : undefined;
  return { amqpUrl, managementUrl: flags.managementUrl || AMQP_MANAGEMENT_URL || ofState };
}

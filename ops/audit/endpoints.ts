import {
  type Environment,
  fixedToken,
  readVariable,
  tokenSourceOf,
  type TokenSource,
} from '@tradepost/service';
import { services, type Service } from '../../apps/services';
import { readState } from '../shop/state';

/** Where the audited system is; each address is `http://host:port`. */
export interface Endpoints {
  /** Every replica of each service: each has figures of its own, the rest is asked of the first. */
  services: Record<Service, readonly string[]>;
  /** The gateway's HTTP server; without one payments is asked, which has it in its process. */
  gateway?: string;
  /** For all that is read, where AUTH=jwt asks for it. */
  token?: TokenSource;
  /** For dead letters: the same, or with AUTH=none OPS_TOKEN. */
  opsToken?: TokenSource;
}

export type Flags = Partial<Record<Service, string[]>> & Pick<Endpoints, 'gateway'>;

/** Neither a flag nor a running `npm start` names it. */
export class EndpointUnknown extends Error {}

/**
 * As the flags and the environment say, else the running `npm start`.
 * @throws EndpointUnknown when neither does
 */
export async function endpointsOf(
  flags: Flags,
  environment: Environment = process.env,
): Promise<Endpoints> {
  const named = services.filter((service) => flags[service]?.length);
  const state = named.length === services.length ? undefined : await readState();
  const found = services.map((service) => {
    // One that was entered since has no URL there.
    const running = state?.services?.[service]?.url;
    const urls = flags[service] ?? (running === undefined ? [] : [running]);
    if (urls.length > 0) return [service, urls] as const;
    throw new EndpointUnknown(`no ${service}: begin with \`npm start\`, or say --${service} URL`);
  });
  const token = tokenSourceOf(environment, state?.credentials);
  const given = readVariable(environment, 'OPS_TOKEN').text || state?.opsToken;
  return {
    services: Object.fromEntries(found) as unknown as Endpoints['services'],
    gateway: flags.gateway ?? state?.gatewayUrl,
    token,
    opsToken: token ?? (given === undefined ? undefined : fixedToken(given)),
  };
}

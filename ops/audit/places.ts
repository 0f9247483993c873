import { readFile } from 'node:fs/promises';
import { services, type Service } from '../../apps/services';
import { stateFile, type State } from '../state';

/** Where the system is that is looked at. Addresses are `http://host:port`. */
export interface Places {
  /** Every replica of each service: each has figures of its own, the rest is asked of the first. */
  services: Record<Service, readonly string[]>;
  /** The gateway's HTTP server; without one payments is asked, which has it in its process. */
  gateway?: string;
  /** OPS_TOKEN of the services, for looking into dead letters. */
  opsToken?: string;
}

export type Flags = Partial<Record<Service, string[]>> & Pick<Places, 'gateway' | 'opsToken'>;

/** What must be said is not. */
export class PlaceUnknown extends Error {
  override readonly name = 'PlaceUnknown';
}

/** As the flags say, else the running `npm start`. @throws PlaceUnknown when neither does */
export async function placesOf(flags: Flags): Promise<Places> {
  const named = services.filter((service) => flags[service]?.length);
  const state = named.length === services.length ? undefined : await runningSystem();
  const found = services.map((service): [Service, readonly string[]] => {
    const running = state?.services?.[service].url;
    const urls = flags[service] ?? (running === undefined ? [] : [running]);
    if (urls.length === 0) {
      throw new PlaceUnknown(`no ${service}: begin with \`npm start\`, or say --${service} URL`);
    }
    return [service, urls];
  });
  return {
    services: Object.fromEntries(found) as unknown as Places['services'],
    gateway: flags.gateway ?? state?.gatewayUrl,
    opsToken: flags.opsToken ?? state?.opsToken,
  };
}

async function runningSystem(): Promise<State | undefined> {
  try {
    return JSON.parse(await readFile(stateFile, 'utf8')) as State;
  } catch {
    return undefined;
  }
}

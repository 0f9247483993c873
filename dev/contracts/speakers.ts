import { wiringsOfServices, type Wiring } from '@tradepost/messaging';
import type { Contract } from '@tradepost/messaging/contract';
import { sendsOf, serviceOptionsOf } from '@tradepost/service';
import { appNames, apps } from '../../apps/services';
import { useCasesIn } from './use-cases';

/** A service as its module declares it: what it takes, and what it says that it sends. */
export interface Speaker {
  name: string;
  about?: string;
  wirings: readonly Wiring[];
  sends: readonly Contract[];
  /** What each handler calls, by the handler's name. */
  useCases?: ReadonlyMap<string, string>;
}

/** All that have a broker, in the order of apps/services.ts. */
export async function speakers(): Promise<Speaker[]> {
  const modules = await Promise.all(appNames.map(async (name) => apps[name].module()));
  const all = modules.map((module) => ({ module, ...serviceOptionsOf(module) }));
  const speaking = all.filter((one) => sendsOf(one).length > 0);
  const services = Object.fromEntries(speaking.map(({ name, module }) => [name, module]));
  const wirings = await wiringsOfServices({ services: async () => services });
  return speaking.map((one) => ({
    name: one.name,
    about: one.about,
    wirings: wirings[one.name] ?? [],
    sends: sendsOf(one),
    useCases: useCasesIn(`apps/${one.name}/src`),
  }));
}

/** Those that they take and send, each once, and the older versions of what they take. */
export function contractsOf(all: readonly Speaker[]): Contract[] {
  const taken = all.flatMap(({ wirings }) => wirings.flatMap(({ contract }) => contract ?? []));
  const old = taken.flatMap(oldVersionsOf);
  return [...new Set([...all.flatMap(({ sends }) => sends), ...taken, ...old])];
}

/** Those whose bodies become ones of this contract; theirs too. */
export function oldVersionsOf({ upcasts = [] }: Contract): Contract[] {
  return upcasts.flatMap(({ from }) => [from, ...oldVersionsOf(from)]);
}

import { wiringsOfServices } from '@tradepost/messaging';
import { apps, services, type Service } from '../../../apps/services';

/** A queue that a service takes messages from. */
export interface Inlet {
  service: Service;
  queue: string;
  isQuestion: boolean;
  contract: string;
  /** Of its texts: those that no database stores are taken too. */
  anyText: boolean;
}

/** Of every handler. */
export async function inletsOf(): Promise<Inlet[]> {
  const modules = await Promise.all(
    services.map(async (name) => [name, await apps[name].module()] as const),
  );
  const wirings = await wiringsOfServices({ services: async () => Object.fromEntries(modules) });
  return services.flatMap((service) =>
    (wirings[service] ?? []).flatMap(({ queue, kind, contract }): Inlet[] => {
      if (!contract) return [];
      const { route, name } = contract;
      const anyText = route.kind === 'topic' && route.anyText === true;
      return [{ service, queue, isQuestion: kind === 'rpc', contract: name, anyText }];
    }),
  );
}

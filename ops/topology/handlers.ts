import 'reflect-metadata';
import * as contracts from '@tradepost/contracts';
import { wiringsOf, type Wiring } from '@tradepost/messaging';
import type { Contract } from '@tradepost/messaging/contract';
import { apps, services } from '../../apps/services';

/** The handlers of each service, read off its module; no service is started. */
export async function wiringsOfServices(): Promise<Record<string, Wiring[]>> {
  const each = services.map(async (name) => {
    return [name, wiringsOf(await apps[name].module(), name)] as const;
  });
  return Object.fromEntries(await Promise.all(each));
}

/** Every message class of libs/contracts. */
export function everyContract(): Contract[] {
  return Object.values(contracts).filter(
    (one): one is Contract & typeof one => typeof one === 'function' && 'route' in one,
  );
}

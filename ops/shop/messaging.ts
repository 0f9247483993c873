import 'reflect-metadata';
import * as contracts from '@tradepost/contracts';
import type { CommandSettings } from '@tradepost/messaging';
import type { Contract } from '@tradepost/messaging/contract';
import { apps, services } from '../../apps/services';
import { readState } from './state';

/** The shop, as the commands of libs/messaging need it. */
export const shop: Omit<CommandSettings, 'name'> = {
  services: async () => {
    const each = services.map(async (name) => [name, await apps[name].module()] as const);
    return Object.fromEntries(await Promise.all(each));
  },
  contracts: async () =>
    Object.values(contracts).filter(
      (one): one is Contract & typeof one => typeof one === 'function' && 'route' in one,
    ),
  broker: async () => (await readState()) ?? {},
  graphFile: 'docs/TOPOLOGY.md',
};

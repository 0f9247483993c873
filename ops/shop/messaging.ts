import 'reflect-metadata';
import type { Type } from '@nestjs/common';
import * as contracts from '@tradepost/contracts';
import type { CommandSettings } from '@tradepost/messaging';
import type { Contract } from '@tradepost/messaging/contract';
import { serviceOptionsOf } from '@tradepost/service';
import { apps, services } from '../../apps/services';
import { readState } from './state';

/** The shop, as the commands of libs/messaging need it. */
export const shop: Omit<CommandSettings, 'name'> = {
  services: modules,
  sends: async () => {
    const each = Object.entries(await modules());
    return Object.fromEntries(
      each.map(([name, module]) => {
        const { sends = [] } = serviceOptionsOf(module);
        // Every service tells its log lines.
        return [name, [...sends, contracts.LogEntries]];
      }),
    );
  },
  contracts: async () =>
    Object.values(contracts).filter(
      (one): one is Contract & typeof one => typeof one === 'function' && 'route' in one,
    ),
  broker: async () => (await readState()) ?? {},
  graphFile: 'docs/TOPOLOGY.md',
};

async function modules(): Promise<Record<string, Type>> {
  const each = services.map(async (name) => [name, await apps[name].module()] as const);
  return Object.fromEntries(await Promise.all(each));
}

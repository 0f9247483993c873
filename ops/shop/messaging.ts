import 'reflect-metadata';
import type { Type } from '@nestjs/common';
import * as contracts from '@tradepost/contracts';
import type { CommandSettings } from '@tradepost/messaging';
import type { Contract } from '@tradepost/messaging/contract';
import { ServiceConfig, serviceOptionsOf } from '@tradepost/service';
import { apps, services, window } from '../../apps/services';
import { readState } from './state';

/** The shop, as the commands of libs/messaging need it. */
export const shop: Omit<CommandSettings, 'name'> = {
  services: modules,
  sends: async () => {
    const each = Object.entries(await modules());
    // Every app tells its log lines.
    const logs: Contract = contracts.LogEntries;
    const entries = each.map(([name, module]) => {
      const { sends = [] } = serviceOptionsOf(module);
      return [name, [...sends, logs]] as const;
    });
    return Object.fromEntries([...entries, [window, [logs]]]);
  },
  monitors: [window],
  contracts: async () =>
    Object.values(contracts).filter(
      (one): one is Contract & typeof one => typeof one === 'function' && 'route' in one,
    ),
  // As the services have it.
  mode: async () => process.env.AMQP_MODE || (await runningMode()) || new ServiceConfig().AMQP_MODE,
  broker: async () => (await readState()) ?? {},
  graphFile: 'docs/TOPOLOGY.md',
  // As the shop runs, whatever is set here.
  graphMode: 'strict',
};

async function runningMode(): Promise<string | undefined> {
  const { AMQP_URL, AMQP_URL_FILE } = process.env;
  return AMQP_URL || AMQP_URL_FILE ? undefined : (await readState())?.amqpMode;
}

async function modules(): Promise<Record<string, Type>> {
  const each = services.map(async (name) => [name, await apps[name].module()] as const);
  return Object.fromEntries(await Promise.all(each));
}

import { Module } from '@nestjs/common';
import { runTopologyCommand } from '@tradepost/messaging';
import { contractsOf, sender, subjectOf } from './library';

// `topology.js FILE COMMAND …`: as `npm run topology`, of the handlers of a file and their sender.
const [file = '', ...args] = process.argv.slice(2);
const { service, providers, sends = [], ...flows } = subjectOf(file);
const contracts = contractsOf(flows);

@Module({ providers })
class Handlers {}

@Module({})
class Sender {}

runTopologyCommand(args, {
  name: 'npm run topology --',
  services: async () => Promise.resolve({ [service]: Handlers, [sender]: Sender }),
  sends: async () => Promise.resolve({ [service]: sends, [sender]: contracts }),
  contracts: async () => Promise.resolve([...contracts, ...sends]),
});

import { Module } from '@nestjs/common';
import { runTopologyCommand } from '@tradepost/messaging';
import { sender, sentBy, subjectOf } from './library';

// `topology.js FILE COMMAND …`: as `npm run topology`, of the handlers of a file and their sender.
const [file = '', ...args] = process.argv.slice(2);
const subject = subjectOf(file);
const { service, providers } = subject;
const sends = sentBy(subject);

@Module({ providers })
class Handlers {}

@Module({})
class Sender {}

runTopologyCommand(args, {
  name: 'npm run topology --',
  services: async () => Promise.resolve({ [service]: Handlers, [sender]: Sender }),
  sends: async () => Promise.resolve({ [service]: sends, [sender]: sends }),
  contracts: async () => Promise.resolve(sends),
});

import 'reflect-metadata';
import {
  LogEntries,
  PaymentCaptured,
  PaymentDeclined,
  PaymentRefunded,
} from '@tradepost/contracts';
import { runTopologyCommand } from '@tradepost/messaging';
import { ProbeModule } from './probe.module';

const heard = [PaymentCaptured, PaymentDeclined, PaymentRefunded];

// `topology.js COMMAND …`: as `npm run topology`, of the probe.
runTopologyCommand(process.argv.slice(2), {
  name: 'npm run topology --',
  services: async () => Promise.resolve({ probe: ProbeModule }),
  sends: async () => Promise.resolve({ probe: [LogEntries] }),
  contracts: async () => Promise.resolve([...heard, LogEntries]),
});

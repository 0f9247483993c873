import { runTopologyCommand } from '@tradepost/messaging';
import { shop } from './shop/messaging';

// `npm run topology`: the shop's exchanges and queues. docs/OPERATIONS.md.
runTopologyCommand(process.argv.slice(2), { ...shop, name: 'npm run topology --' });

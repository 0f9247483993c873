import { runDeadLettersCommand } from '@tradepost/messaging';
import { shop } from './shop/messaging';
import { readState } from './shop/state';

// `npm run dead-letters`: what to do with messages that failed permanently. docs/OPERATIONS.md.
runDeadLettersCommand(process.argv.slice(2), {
  ...shop,
  name: 'npm run dead-letters --',
  broker: async () => (await readState())?.operator ?? {},
});

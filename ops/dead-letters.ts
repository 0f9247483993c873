import { runDeadLettersCommand } from '@tradepost/messaging';
import { shop } from './shop/messaging';

// `npm run dead-letters`: what to do with messages that failed permanently. docs/OPERATIONS.md.
runDeadLettersCommand(process.argv.slice(2), { ...shop, name: 'npm run dead-letters --' });

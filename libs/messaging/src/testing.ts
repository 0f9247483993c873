export { type Listener, type Seen } from './testing/amqp-client';
export { eventually, within } from './testing/eventually';
export { TestBroker } from './testing/test-broker';
export { TestDatabase } from './testing/test-database';

export { environment, type Environment } from './environment';
export { eventually, type EventuallyOptions } from './eventually';
export { startProcess, type Exit, type ServiceProcess, type StartProcessOptions } from './process';
export { apps, startShop, type App, type Shop, type ShopOptions } from './shop';
export { TestBroker, type Listener, type Seen, type TestBrokerOptions } from './test-broker';
export { createTestDatabase, type TestDatabase } from './test-database';
export { testService, type TestService, type TestServiceOptions } from './test-service';

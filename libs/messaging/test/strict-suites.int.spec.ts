import { bench } from './bench';

// What holds in simple mode holds in strict mode, for users with the least permissions.
bench.mode = 'strict';
const suites = ['patterns', 'failures', 'rpc', 'outbox', 'republish', 'replays', 'in-order'];
describe.each(suites)('in strict mode: %s', (name) => {
  jest.requireActual(`./${name}.int.spec`);
});

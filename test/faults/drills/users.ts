import { LeastUsers } from '../harness/least-users';
import { sender, type Library } from './library';

/** In strict mode: of the handlers' service and of the sender. */
export function usersOf(
  { mode, module, subject }: Library,
  broker: { amqpUrl: string; managementUrl: string },
): LeastUsers | undefined {
  if (mode === 'simple') return undefined;
  return new LeastUsers({
    program: ['test/faults/drills/topology.js', module],
    parties: [subject.service, sender],
    prefix: 'tradepost-',
    ...{ mode, broker },
  });
}

import { LeastUsers } from '../harness/least-users';
import { sender, type Library } from './library';

/** In strict mode: of the handlers' service and of the sender. */
export function usersOf(
  { mode, module, subject }: Library,
  broker: { amqpUrl: string; managementUrl: string },
  queueReplicas?: number,
): LeastUsers | undefined {
  if (mode === 'simple') return undefined;
  return new LeastUsers({
    program: ['test/faults/drills/topology.js', module],
    parties: [subject.service, sender],
    prefix: 'tradepost-',
    ...{ mode, broker, queueReplicas },
  });
}

/** What the broker has refused, by the lines of processes: `write on exchange "job-done"`. */
export function lackedIn(lines: readonly string[]): string[] {
  const found = lines.flatMap(
    (line) => /lacks permissions in .*?: (.*?)\. Add them/.exec(line)?.[1] ?? [],
  );
  return [...new Set(found)];
}

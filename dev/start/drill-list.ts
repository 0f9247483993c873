import { services, type Service } from '../../apps/services';

/** What each sale waits for first: to stop it shows most. */
const first: Service = 'payments';
const all = [first, ...services.filter((service) => service !== first)];

/** What can be broken here, and what should happen then. */
export const drillList = [
  {
    name: 'stop-worker',
    title: 'Stop a service',
    breaks: 'The process ends in good order, and stays away until it is started again.',
    expect: 'Its queues fill. Sales are still taken, and what waits is done when it is back.',
    services: all,
  },
  {
    name: 'start-worker',
    title: 'Start it again',
    breaks: 'Nothing: it starts what was stopped.',
    expect: 'Its queues drain, and each message has its effect once.',
    services: all,
  },
  {
    name: 'add-worker',
    title: 'Add a worker',
    breaks: 'Nothing: another process of the service takes from the same queues.',
    expect: 'Both share the work; the attempts of payments name either.',
    services: all,
  },
  {
    name: 'remove-worker',
    title: 'Remove an added worker',
    breaks: 'The added process ends in good order.',
    expect: 'What it had in hand is done or given back; the others go on.',
    services: all,
  },
  {
    name: 'freeze-database',
    title: 'Freeze the database',
    breaks: 'PostgreSQL stands still: connections stay open, and nothing answers.',
    expect: 'Orders are refused with 503, or wait; nothing is lost, and all goes on by itself.',
    seconds: 10,
  },
  {
    name: 'kill-connections',
    title: 'Cut all connections to the broker',
    breaks: 'The broker closes the connections of every service at once.',
    expect: 'They are back within a second or two; what was unconfirmed is sent again.',
  },
  {
    name: 'kill-broker',
    title: 'Kill the broker',
    breaks: 'RabbitMQ gets SIGKILL, and is started again.',
    expect: 'Sales are still taken and wait in the outbox; all is sent when it is back.',
    seconds: 10,
  },
] as const;

export type DrillName = (typeof drillList)[number]['name'];

export function isDrill(name: string): name is DrillName {
  return drillList.some((drill) => drill.name === name);
}

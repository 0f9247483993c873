import { setTimeout as delay } from 'node:timers/promises';
import { memoryAlarm, serverFault } from '../harness/faults';
import { outage, type Drill } from './drill';
import { ask } from './protocol';

const databaseStopped: Drill = {
  name: 'database-stopped-15s',
  // Its messages wait in a retry tier of 30 s by then.
  quietMs: 60_000,
  async run(context) {
    const { consumer, servers } = context;
    // More than it can do by then: what is in hand fails, and what waits is tried and fails.
    await ask(consumer, { do: 'slow', ms: 300 });
    await context.send(200);
    const stop = serverFault('stop', servers.database);
    const inject = async () => {
      await stop.inject();
      await ask(consumer, { do: 'slow', ms: 0 });
    };
    await context.underLoad(async () => {
      await delay(1_000);
      await context.inject({ ...stop, inject }, 15_000);
      await delay(1_000);
    }, 50);
  },
};

const connectionsTerminated: Drill = {
  name: 'database-connections-terminated',
  quick: true,
  quietMs: 45_000,
  async run(context) {
    await context.underLoad(async () => {
      for (let i = 0; i < 3; i += 1) {
        await delay(1_000);
        context.fault(await context.log.terminateOthers());
      }
    });
  },
};

export const servers = [
  databaseStopped,
  connectionsTerminated,
  outage('broker-stopped', 1_000, ({ servers: { broker } }) => serverFault('stop', broker)),
  outage('broker-killed', 1_000, ({ servers: { broker } }) => serverFault('kill', broker)),
  outage('broker-frozen-20s', 20_000, ({ servers: { broker } }) => serverFault('freeze', broker), {
    quietMs: 60_000,
  }),
  outage('memory-alarm-15s', 15_000, ({ servers: { broker } }) => memoryAlarm(broker)),
];

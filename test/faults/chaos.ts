import { readOptions, usage } from './chaos/options';
import { failuresOf, reportLines, scheduleLines } from './chaos/report';
import { runOn } from './chaos/run';
import { scheduleOf, targetsOf } from './chaos/schedule';
import { System } from './chaos/system';
import { runFaults, seconds, writeReport } from './harness/command';
import { withServers } from './harness/servers';

const linesOnFailure = 40;

runFaults(usage, async (signal) => {
  const options = readOptions(process.argv.slice(2));
  const targets = targetsOf(options.scale, options.nodes);
  const schedule = scheduleOf({ ...options, targets });
  if (options.plan) {
    console.log(scheduleLines(schedule, targets).join('\n'));
    return true;
  }
  const isCluster = options.nodes > 1;
  return withServers({ signal, durable: true, isCluster }, async (servers) => {
    const system = await System.start(servers, options.scale);
    try {
      signal.throwIfAborted();
      const { broker, database } = servers;
      const { seed, orders } = options;
      console.log(`${broker.how}; ${database.how}; seed ${seed}; ${orders} orders`);
      const beganMs = performance.now();
      const say = (line: string) => {
        console.log(`${seconds(performance.now() - beganMs).padStart(6)}  ${line}`);
      };
      const run = await runOn(system, { options, schedule, say, signal });
      const failures = failuresOf(run, targets);
      if (failures.length > 0) {
        for (const { name, lines } of run.crashes) console.log(`--- ${name}\n${lines.join('\n')}`);
        console.log(system.lastLines(linesOnFailure));
      }
      console.log(reportLines(run, options).join('\n'));
      await writeReport(options.json, servers, { options, failures, ...run });
      return failures.length === 0;
    } finally {
      await system.stop();
    }
  });
});

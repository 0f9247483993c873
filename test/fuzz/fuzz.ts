import 'reflect-metadata';
import { runFaults, seconds, writeReport } from '../faults/harness/command';
import { withServers } from '../faults/harness/servers';
import { readOptions, usage } from './options';
import { reportLines } from './report';
import { fuzz } from './run';

runFaults(usage, async (signal) => {
  const options = readOptions(process.argv.slice(2));
  return withServers({ signal }, async (servers) => {
    const { broker, database } = servers;
    console.log(`${broker.how}; ${database.how}; seed ${options.seed}`);
    const beganMs = performance.now();
    const say = (line: string) => {
      console.log(`${seconds(performance.now() - beganMs).padStart(6)}  ${line}`);
    };
    const { url: amqpUrl, managementUrl } = broker;
    const place = { amqpUrl, managementUrl, postgresUrl: database.url };
    const run = await fuzz({ options, place, say, signal });
    console.log(reportLines(run, options).join('\n'));
    await writeReport(options.json, servers, { options, ...run });
    return run.findings.length === 0;
  });
});

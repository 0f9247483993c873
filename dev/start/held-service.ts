// `held-service.js <app>`: loads the code of a service while what it stands on is still starting,
// and starts it with the environment that its parent sends.
import { open } from 'node:inspector';
import { createRequire } from 'node:module';
import { join, sep } from 'node:path';

/** Why it waits, and then what it is told. */
export interface Start {
  environment: Record<string, string>;
  /** A debugger may come to it. */
  inspectPort?: number;
}

const [app = ''] = process.argv.slice(2);
const load = createRequire(__filename);
const dist = join(__dirname, '../..');
const sources = join(dist, 'apps', app, 'src');
const main = join(sources, 'main.js');
const telemetry = join(dist, 'libs/service/src/telemetry/telemetry.js');
const packages = `${sep}node_modules${sep}`;

// Our parent has died before it could say.
process.once('disconnect', () => process.exit(1));
process.once('message', ({ environment, inspectPort }: Start) => {
  process.removeAllListeners('disconnect');
  process.disconnect();
  Object.assign(process.env, environment);
  if (inspectPort !== undefined) open(inspectPort, '127.0.0.1');
  load(main);
});

// It instruments what the service loads, if the environment that is here already says so.
load(telemetry);
load(join(sources, `${app}.module.js`));
const loaded = Object.keys(load.cache).filter((file) => !file.includes(packages));
process.send?.([...loaded, main]);

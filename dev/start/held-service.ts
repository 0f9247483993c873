// `held-service.js <app>`: loads the code of a service while what it stands on is still starting,
// and starts it with the environment that its parent sends.
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [app = ''] = process.argv.slice(2);
const load = createRequire(__filename);
const sources = join(__dirname, '../../apps', app, 'src');

load(join(sources, `${app}.module.js`));

// Our parent has died before it could say.
process.once('disconnect', () => process.exit(1));
process.once('message', (environment: NodeJS.ProcessEnv) => {
  process.removeAllListeners('disconnect');
  process.disconnect();
  Object.assign(process.env, environment);
  load(join(sources, 'main.js'));
});

// `prepare-broker.js <prefix>`: loads what the services declare while the broker is still starting,
// and gives the broker that, and its users, when its parent says where it is.
import { runTopologyCommand } from '@tradepost/messaging';
import { shop } from '../../ops/shop/messaging';

export interface Where {
  amqpUrl: string;
  managementUrl: string;
  /** AMQP_PASSWORD_<NAME> of each user. */
  passwords: Record<string, string>;
}

const [prefix = ''] = process.argv.slice(2);
const args = ['apply', '--create-only', '--users', '--prefix', prefix, '--json'];
const told = new Promise<Where>((done) => process.once('message', done));

// Our parent has died before it could say.
process.once('disconnect', () => process.exit(1));
runTopologyCommand(args, {
  ...shop,
  name: 'npm run topology --',
  broker: async () => {
    const { passwords, ...urls } = await told;
    process.removeAllListeners('disconnect');
    process.disconnect();
    Object.assign(process.env, passwords);
    return urls;
  },
});

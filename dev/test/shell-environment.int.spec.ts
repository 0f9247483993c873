import { embeddedPostgres } from '../local/embedded-postgres';
import { startNode } from '../local/rabbitmq-node';
import { findRabbit, onPath } from '../local/rabbitmq-program';

/** What a developer's shell may hold for other servers and clients than ours. */
const shell = {
  PGDATA: '/nowhere',
  PGPORT: 'none',
  PGDATESTYLE: 'nonsense',
  PGCLIENTENCODING: 'nonsense',
  PGSSLMODE: 'require',
  PGOPTIONS: '-c search_path=nowhere',
  NODE_PORT: '1',
  NODE_IP_ADDRESS: '192.0.2.1',
  USE_LONGNAME: 'true',
  PLUGINS_DIR: '/nowhere',
  CONFIG_FILE: '/nowhere',
  SERVER_START_ARGS: '-nonsense',
  RABBITMQ_NODE_PORT: '1',
  ERL_FLAGS: '-name not@here',
  ELIXIR_ERL_OPTIONS: '-name not@here',
};
const before = { ...process.env };

beforeAll(() => Object.assign(process.env, shell));
afterAll(() => {
  for (const name of Object.keys(shell)) delete process.env[name];
  Object.assign(process.env, before);
});

it('the embedded PostgreSQL is made, started and reached whatever the shell has set', async () => {
  const server = await embeddedPostgres({ log: () => undefined });
  await server.stop();
}, 60_000);

const hasRabbit = onPath('rabbitmq-server') !== undefined;
const aBroker = 'a private broker starts, and is controlled, whatever the shell has set';

it(
  hasRabbit ? aBroker : `not tried, there is no rabbitmq-server on PATH: ${aBroker}`,
  async () => {
    if (!hasRabbit) return;
    const node = await startNode(await findRabbit(), {});
    try {
      expect(await node.control('list_vhosts')).toContain('/');
    } finally {
      await node.stop();
    }
  },
  120_000,
);

import { ChargePayment } from '@tradepost/contracts';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { v7 } from 'uuid';
import { appNames, apps, services } from '../../apps/services';
import { freePorts } from '../../dev/local/ports';
import { summary } from '../../dev/start/summary';
import { ownShop } from './own-shop';

const root = join(__dirname, '../..');
const opsToken = 'token-of-the-operators-of-this-test';
/** Where the receiver of webhooks listens, as documents have it. */
const receiverPort = 9000;
const hasCurl = /^ *(\w+=\$\()?curl /m;

/** Fails for an answer that is an error; a stream has no end, and is left after a moment. */
const strictly = `
set -eo pipefail
curl() {
  case " $* " in
    *' -N '*) command curl -sS --fail-with-body --max-time 2 "$@" || [ $? = 28 ] ;;
    *) command curl -sS --fail-with-body --max-time 10 "$@" ;;
  esac
}
`;

/** The blocks of a document that have a curl, for one shell: what a block sets a later one has. */
function curlsOf(document: string): string {
  const blocks = [...document.matchAll(/^```bash\n([^]*?)^```/gm)].map(([, block = '']) => block);
  return blocks.filter((block) => hasCurl.test(block)).join('\n');
}

describe('what a reader copies', () => {
  const own = ownShop({ env: { OPS_TOKEN: opsToken, WEBHOOKS_ALLOW_PRIVATE: 'true' } });
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'reader-'));
    await mkdir(join(folder, '.tradepost'));
    await writeFile(join(folder, '.tradepost/state.json'), JSON.stringify({ opsToken }));
    const headers = { 'x-error-code': 'gateway_timeout', 'x-last-failed-at': now() };
    const dead = `${ChargePayment.route.queue}.dead`;
    await own.broker.sendToQueue(dead, { paymentId: v7() }, { type: ChargePayment.name, headers });
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const now = () => new Date().toISOString();

  /** @returns what goes wrong first; undefined when all of it works as it stands */
  async function run(script: string): Promise<string | undefined> {
    const [port] = await freePorts([undefined]);
    const here = services.reduce(
      (all, app) => all.replaceAll(`localhost:${apps[app].port}`, new URL(own.shop.url(app)).host),
      script.replaceAll(String(receiverPort), String(port)),
    );
    // Of its own group: it may leave something running.
    const shell = spawn('bash', ['-c', `${strictly}${here}`], { cwd: folder, detached: true });
    const output = Promise.all([shell.stdout, shell.stderr].map((stream) => text(stream)));
    const [code] = (await once(shell, 'exit')) as [number | null];
    if (shell.pid !== undefined) {
      try {
        process.kill(-shell.pid, 'SIGKILL');
      } catch {
        // It left nothing.
      }
    }
    return code === 0 ? undefined : `exit code ${code}\n${(await output).join('\n').slice(-2_000)}`;
  }

  it('fails here when it is refused, or asks nobody', async () => {
    expect(await run('curl localhost:3000/v1/orders/7')).toContain('order-not-found');
    expect(await run('ID=$(curl localhost:3000/v1/nothing | cat)')).toContain('404');
    expect(await run('curl localhost:1')).toContain('exit code 7');
    expect(await run('curl localhost:3000/v1/products')).toBeUndefined();
  });

  it('works as it stands: README and documents', async () => {
    const documents = (await readdir(join(root, 'docs'))).filter((name) => name.endsWith('.md'));
    // What START.md says is followed from an empty folder on, elsewhere.
    const names = documents.filter((name) => name !== 'START.md').map((name) => `docs/${name}`);
    const tried: string[] = [];
    for (const name of ['README.md', ...names]) {
      const script = curlsOf(await readFile(join(root, name), 'utf8'));
      if (script === '') continue;
      tried.push(name);
      expect([name, await run(script)]).toEqual([name, undefined]);
    }
    expect(tried).toEqual(
      expect.arrayContaining(['README.md', 'docs/API.md', 'docs/OPERATIONS.md']),
    );
  }, 120_000);

  it('works as `npm start` prints it', async () => {
    const ports = Object.fromEntries(appNames.map((app) => [app, apps[app].port])) as never;
    const servers = { broker: { managementUrl: 'http://u:p@localhost' }, database: { url: '' } };
    const lines = summary(services, ports, servers as never).split('\n');
    const curls = lines.filter((line) => hasCurl.test(line));
    expect(curls).toHaveLength(2);
    expect(await run(curls.join('\n'))).toBeUndefined();
  });
});

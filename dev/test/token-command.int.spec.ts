import { createLocalJWKSet, jwtVerify } from 'jose';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { publicKeys, readIssuer } from '../issuer/keys';
import { audience } from '../issuer/token';

const command = resolve('dist/dev/token.js');
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tradepost-token-'));
});

afterAll(() => rm(folder, { recursive: true }));

it('prints tokens of one issuer, also when two commands are its first', async () => {
  const printed = await Promise.all([
    run('--customer', '1', '--scope', 'orders:write orders:read'),
    run('--scope', 'ops', '--minutes', '1'),
  ]);

  const issuer = await readIssuer(join(folder, '.tradepost/issuer.json'));
  const keys = createLocalJWKSet(publicKeys(issuer));
  const rules = { issuer: issuer.url, audience };
  const [ofCustomer, ofDeveloper] = await Promise.all(
    printed.map(async ({ stdout }) => (await jwtVerify(stdout.trim(), keys, rules)).payload),
  );
  expect(ofCustomer).toMatchObject({
    ...{ sub: 'customer-1', customer_id: '1', scope: 'orders:write orders:read' },
  });
  expect(ofDeveloper).toMatchObject({ sub: 'developer', scope: 'ops' });
  expect(Number(ofDeveloper?.exp) - Number(ofDeveloper?.iat)).toBe(60);
});

it('says what is missing or wrong', async () => {
  expect(await run()).toMatchObject({
    code: 2,
    stderr: '--scope says what the token may do\n--help says what it takes.\n',
  });
});

function run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((done) => {
    execFile(process.execPath, [command, ...args], { cwd: folder }, (error, stdout, stderr) => {
      done({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

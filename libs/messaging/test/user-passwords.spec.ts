import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { userPasswords } from '../src/commands/user-passwords';

const variables = [
  ...['AMQP_PASSWORD_ORDERS', 'AMQP_PASSWORD_ORDERS_FILE', 'AMQP_PASSWORD_LOG_SINK'],
  'AMQP_SERVICE_PASSWORD',
];

describe('passwords of the broker’s users', () => {
  let folder: string;
  let file: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'passwords-'));
    file = join(folder, 'passwords.env');
  });
  afterEach(async () => {
    for (const name of variables) delete process.env[name];
    await rm(folder, { recursive: true });
  });

  it('are made at random where there are none, kept for their owner, and the same later', async () => {
    const first = await userPasswords(['orders', 'log-sink'], file);
    expect(first['orders']).toMatch(/^[\w-]{32}$/);
    expect(first['log-sink']).not.toBe(first['orders']);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const lines = [
      `AMQP_PASSWORD_LOG_SINK=${first['log-sink']}\n`,
      `AMQP_PASSWORD_ORDERS=${first['orders']}\n`,
    ];
    expect(await readFile(file, 'utf8')).toBe(lines.join(''));
    const later = await userPasswords(['orders', 'log-sink', 'users'], file);
    expect(later).toMatchObject(first);
    lines.push(`AMQP_PASSWORD_USERS=${later['users']}\n`);
    expect(await readFile(file, 'utf8')).toBe(lines.join(''));
  });

  it('come from the environment or a file that it names, and are written nowhere', async () => {
    process.env.AMQP_PASSWORD_LOG_SINK = 'of the environment';
    process.env.AMQP_PASSWORD_ORDERS_FILE = join(folder, 'secret');
    await writeFile(join(folder, 'secret'), 'of a secret\n');
    const found = await userPasswords(['orders', 'log-sink'], file);
    expect(found).toEqual({ orders: 'of a secret', 'log-sink': 'of the environment' });
    await expect(stat(file)).rejects.toThrow('ENOENT');
    process.env.AMQP_PASSWORD_ORDERS = 'another';
    await expect(userPasswords(['orders'])).rejects.toThrow(/ORDERS_FILE are both set$/);
  });

  it('are one for all whose own is nowhere', async () => {
    process.env.AMQP_PASSWORD_ORDERS = 'its own';
    process.env.AMQP_SERVICE_PASSWORD = 'of all';
    const found = await userPasswords(['orders', 'log-sink'], file);
    expect(found).toEqual({ orders: 'its own', 'log-sink': 'of all' });
    await expect(stat(file)).rejects.toThrow('ENOENT');
  });

  it('that are nowhere are named, all of them', async () => {
    process.env.AMQP_PASSWORD_LOG_SINK = 'known';
    await expect(userPasswords(['orders', 'log-sink', 'users'])).rejects.toThrow(
      /^no password for orders, users: set AMQP_PASSWORD_ORDERS, AMQP_PASSWORD_USERS or/,
    );
    process.env.AMQP_PASSWORD_ORDERS_FILE = join(folder, 'secret');
    await writeFile(join(folder, 'secret'), '\n');
    await expect(userPasswords(['orders'])).rejects.toThrow(/secret is empty$/);
  });
});

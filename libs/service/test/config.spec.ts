import { IsBoolean, IsInt, IsString, Max } from 'class-validator';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BadConfig, current, readConfig, ServiceConfig } from '../src';

class ShopConfig extends ServiceConfig {
  override PORT = 3009;

  @IsInt()
  @Max(100)
  RETRIES!: number;

  @IsBoolean()
  DRY_RUN = false;

  @IsString()
  GATEWAY_SECRET = 'sandbox';
}

const env = { AUTH: 'none', POSTGRES_URL: 'postgres://shop:pw@127.0.0.1:5432/shop', RETRIES: '3' };

function failure(environment: Record<string, string>): string {
  try {
    readConfig('shop', ShopConfig, environment);
  } catch (error) {
    if (error instanceof BadConfig) return error.message;
    throw error;
  }
  throw new Error('the config was accepted');
}

describe('the config of a service', () => {
  it('has its defaults, those of the class it extends, and what the environment says', () => {
    const config = readConfig('shop', ShopConfig, {
      ...env,
      LOG_LEVEL: 'warning',
      DRY_RUN: 'true',
    });

    expect(config).toBeInstanceOf(ShopConfig);
    expect(config).toMatchObject({
      PORT: 3009,
      RETRIES: 3,
      DRY_RUN: true,
      LOG_LEVEL: 'warning',
      LOG_FORMAT: 'json',
      POSTGRES_URL: env.POSTGRES_URL,
      AMQP_URL: 'amqp://guest:guest@127.0.0.1:5672',
    });
  });

  it('names every wrong variable in one error, with its value and what is wanted', () => {
    const message = failure({
      PORT: 'eighty',
      LOG_LEVEL: 'loud',
      RETRIES: '101',
      DRY_RUN: 'maybe',
    });

    expect(message).toBe(
      [
        'shop cannot start: 6 variables are wrong',
        'RETRIES="101": must not be greater than 100',
        'DRY_RUN="maybe": must be a boolean value',
        'PORT="eighty": must be an integer number, must not be less than 0, must not be greater than 65535',
        'AUTH is not set: must be jwt, with AUTH_JWKS_URL, AUTH_ISSUER and AUTH_AUDIENCE, ' +
          'or none: that lets everyone in',
        'POSTGRES_URL is not set: must be a URL: postgres://role:password@host:port/database',
        'LOG_LEVEL="loud": must be one of the following values: debug, info, warning, error, critical',
      ].join('\n  '),
    );
  });

  it.each(['', '  '])('takes the empty variable %j for one that is not set', (PORT) => {
    expect(readConfig('shop', ShopConfig, { ...env, PORT }).PORT).toBe(3009);
  });

  it.each([
    ['amqp://guest:hunter2@', 'amqp://guest:***@'],
    ['amqp://guest:hunter2', 'amqp://guest:***'],
    ['http://guest:hunt@er/2@broker:1', 'http://guest:***@broker:1'],
    ['http://hunter2@broker', 'http://***@broker'],
    ['http://broker:5672', 'http://broker:5672'],
    [
      'http://broker/?user=guest&password=hunter2&a=b',
      'http://broker/?user=guest&password=***&a=b',
    ],
  ])('does not print the password of %s', (AMQP_URL, printed) => {
    expect(failure({ ...env, AMQP_URL })).toContain(`AMQP_URL="${printed}"`);
  });

  it.each([
    'amqp://guest:guest@rabbit-1:5672/shop',
    'amqp://guest:guest@rabbit_mq:5672/shop',
    'amqps://u:p@10.0.0.1',
    'amqp://u:p@[::1]:5672',
    'amqp://u:p%40@broker.shop_net/%2F?heartbeat=5',
    'amqp://u:p@rabbit-1:5672,rabbit_2,[::1]:5673/shop?heartbeat=5',
  ])('takes %s for a broker', (AMQP_URL) => {
    expect(readConfig('shop', ShopConfig, { ...env, AMQP_URL }).AMQP_URL).toBe(AMQP_URL);
  });

  it.each([
    'postgresql://shop:pw@shop_db:5432/shop',
    'postgres://shop:pw@10.0.0.1/shop?sslmode=verify-full',
    'postgres://u:p@/db?host=/cloudsql/project:region:instance',
    'postgresql:///db?host=/var/run/postgresql&user=u&password=p',
    'postgres://u:p@%2Fvar%2Frun%2Fpostgresql/db',
    'postgres://u:p@localhost/db?host=/tmp&port=5433',
    'postgres://u:p@db-1,db-2:5433/shop',
    'postgres://u:p@db-1:5432,[::1]:5432/shop?target_session_attrs=read-write',
  ])('takes %s for a database', (POSTGRES_URL) => {
    const config = readConfig('shop', ShopConfig, { ...env, POSTGRES_URL });
    expect(config.POSTGRES_URL).toBe(POSTGRES_URL);
  });

  it.each([
    ['AMQP_URL', 'rabbit:5672', 'must be a URL'],
    ['AMQP_URL', 'amqp:rabbit', 'must be a URL'],
    ['AMQP_URL', 'amqp://', 'must be a URL'],
    ['AMQP_URL', 'amqp://rabbit:port', 'must be a URL'],
    ['AMQP_URL', 'amqp://a mqp', 'must be a URL'],
    ['AMQP_URL', 'amqp://rabbit-1:5672,:5672', 'must be a URL'],
    ['AMQP_URL', 'amqp://rabbit-1,rabbit-2:port/shop', 'must be a URL'],
    ['AMQP_URL', 'amqp://rabbit-1,rabbit-2?cacertfile=/ca.pem', 'names a cacertfile but not TLS'],
    ['POSTGRES_URL', 'shop', 'must be a URL'],
    ['POSTGRES_URL', 'mysql://shop/shop', 'must be a URL'],
    ['POSTGRES_URL', 'postgres://u:p@db:port/shop', 'must be a URL'],
    ['POSTGRES_URL', 'postgres://u:p@d b/shop', 'must be a URL'],
    ['POSTGRES_URL', 'postgres://u:p@/shop', 'it names no host'],
    ['POSTGRES_URL', 'postgres:///shop', 'it names no host'],
    ['POSTGRES_URL', 'postgres://u:p@db/shop?port=none', 'must be a URL'],
    ['POSTGRES_URL', 'postgres://u:p@db-1:5432,:5432/shop', 'must be a URL'],
    ['POSTGRES_URL', 'postgres://u:p@db-1,db-2:port/shop', 'must be a URL'],
    ['POSTGRES_URL', 'postgres:///shop?host=a,b', 'must name several hosts as a:5432,b:5432'],
    ['POSTGRES_URL', 'postgres://u:p@a,b/shop?target_session_attrs=any', 'must say .*=read-write'],
    ['POSTGRES_URL', 'postgres://u:p@db/shop?sslrootcert=/nowhere/ca.pem', '/nowhere/ca.pem'],
    ['POSTGRES_URL', 'postgres://u:p@db/shop?sslmode=require', 'must say sslmode=verify-full'],
    ['POSTGRES_URL', 'postgres://u:p@db/shop?sslmode=no-verify', 'must say sslmode=verify-full'],
    ['POSTGRES_URL', 'postgres://u:p@db/shop?sslmode=', 'must say sslmode=verify-full'],
    ['POSTGRES_URL', 'postgres://u:p@db/shop?ssl=no-verify', 'must say ssl=1'],
    [
      'POSTGRES_URL',
      'postgres://u:p@db/shop?sslmode=verify-full&uselibpqcompat=1',
      'uselibpqcompat',
    ],
    ['AMQP_URL', 'amqps://u:p@broker?verify=verify_none', 'must be verify_peer'],
    ['AMQP_URL', 'amqp://u:p@broker?cacertfile=/ca.pem', 'not TLS: amqps://'],
    ['AMQP_URL', 'amqps://u:p@broker?certfile=/me.pem', 'certfile and keyfile, or neither'],
    ['AMQP_URL', 'amqps://u:p@broker?cacertfile=/nowhere/ca.pem', '/nowhere/ca.pem: ENOENT'],
  ])('refuses %s=%s', (name, url, reason) => {
    expect(failure({ ...env, [name]: url })).toMatch(new RegExp(`${name}=.*${reason}`));
  });
});

describe('a variable in a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tradepost-config-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  function file(name: string, text: string): string {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  }

  it('is read without the newline at its end, whatever its type', () => {
    const config = readConfig('shop', ShopConfig, {
      AUTH: 'none',
      POSTGRES_URL_FILE: file('url', 'postgres://shop:pw@db/shop\n'),
      GATEWAY_SECRET_FILE: file('secret', 'whsec\r\n'),
      RETRIES_FILE: file('retries', '7\n'),
    });
    expect(config).toMatchObject({
      POSTGRES_URL: 'postgres://shop:pw@db/shop',
      GATEWAY_SECRET: 'whsec',
      RETRIES: 7,
    });
  });

  it('is read again for whoever asks for it as it is now', () => {
    const POSTGRES_URL_FILE = file('rotated', 'postgres://shop:old@db/shop');
    const config = readConfig('shop', ShopConfig, {
      AUTH: 'none',
      RETRIES: '1',
      POSTGRES_URL_FILE,
    });
    const url = current(config, 'POSTGRES_URL');
    expect(url()).toBe('postgres://shop:old@db/shop');
    file('rotated', 'postgres://shop:new@db/shop\n');
    expect(url()).toBe('postgres://shop:new@db/shop');
    expect(current(readConfig('shop', ShopConfig, env), 'POSTGRES_URL')()).toBe(env.POSTGRES_URL);
    rmSync(POSTGRES_URL_FILE);
    expect(url).toThrow(/^POSTGRES_URL_FILE=".*rotated" cannot be read: ENOENT$/);
  });

  it('refuses both, one that is missing, one that is empty, and shows no content', () => {
    const message = failure({
      AUTH: 'none',
      POSTGRES_URL_FILE: file('hunter', 'hunter2'),
      AMQP_URL: 'amqp://u:hunter2@broker',
      AMQP_URL_FILE: file('broker', 'amqp://u:hunter2@broker'),
      RETRIES_FILE: join(folder, 'nowhere'),
      GATEWAY_SECRET_FILE: file('empty', '\n'),
      OPS_TOKEN_FILE: file('token', 'hunter2'),
    });
    expect(message.replaceAll(folder, '').split('\n  ')).toEqual([
      'shop cannot start: 5 variables are wrong',
      expect.stringMatching(/RETRIES_FILE="\/nowhere" cannot be read: ENOENT/),
      'GATEWAY_SECRET_FILE="/empty" is empty',
      'AMQP_URL and AMQP_URL_FILE are set: set one of them',
      expect.stringMatching(/^POSTGRES_URL_FILE="\/hunter": what it holds must be a URL/),
      expect.stringMatching(/^OPS_TOKEN_FILE="\/token": what it holds must be longer than/),
    ]);
    expect(message).not.toContain('hunter2');
  });
});

describe('who is let in', () => {
  const without = { ...env, AUTH: '' };

  it('must be said: nobody is let in by default, and everybody by name alone', () => {
    expect(failure(without)).toMatch(/AUTH is not set: must be jwt, with AUTH_JWKS_URL/);
    expect(failure({ ...env, AUTH: 'off' })).toMatch(/AUTH="off": must be jwt/);
    expect(readConfig('shop', ShopConfig, env)).toMatchObject({ AUTH: 'none' });
  });

  it('wants keys, issuer and audience with tokens, and no token of operators', () => {
    const message = failure({ ...env, AUTH: 'jwt', OPS_TOKEN: 'a'.repeat(16) });
    expect(message).toMatch(/AUTH_JWKS_URL is not set/);
    expect(message).toMatch(/AUTH_ISSUER is not set/);
    expect(message).toMatch(/AUTH_AUDIENCE is not set/);
    expect(message).toMatch(/OPS_TOKEN=.*must not be set with AUTH=jwt/);
    expect(message).not.toContain('aaaa');
  });
});

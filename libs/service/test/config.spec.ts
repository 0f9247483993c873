import { IsBoolean, IsInt, IsString, Max } from 'class-validator';
import { BadConfig, readConfig, ServiceConfig } from '../src';

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

const env = { POSTGRES_URL: 'postgres://shop:pw@127.0.0.1:5432/shop', RETRIES: '3' };

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
        'shop cannot start: 5 variables are wrong',
        'RETRIES="101": must not be greater than 100',
        'DRY_RUN="maybe": must be a boolean value',
        'PORT="eighty": must be an integer number, must not be less than 0, must not be greater than 65535',
        'POSTGRES_URL is not set: must be a URL: postgres://role:password@host:port/database',
        'LOG_LEVEL="loud": must be one of the following values: debug, info, warning, error, critical',
      ].join('\n  '),
    );
  });

  it.each(['', '  '])('takes the empty variable %j for one that is not set', (PORT) => {
    expect(readConfig('shop', ShopConfig, { ...env, PORT }).PORT).toBe(3009);
  });

  it('does not print passwords', () => {
    const message = failure({ ...env, AMQP_URL: 'http://guest:hunter2@broker' });

    expect(message).toContain('AMQP_URL="http://guest:***@broker"');
  });

  it.each([
    'amqp://guest:guest@rabbit-1:5672/shop',
    'amqps://u:p@10.0.0.1',
    'amqp://u:p@[::1]:5672',
  ])('takes %s for a broker', (AMQP_URL) => {
    expect(readConfig('shop', ShopConfig, { ...env, AMQP_URL }).AMQP_URL).toBe(AMQP_URL);
  });
});

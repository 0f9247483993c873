import { BadConfig, readConfig } from '@tradepost/service';
import { PaymentsConfig } from '../src/payments.config';

const env = { AUTH: 'none', POSTGRES_URL: 'postgres://payments:pw@127.0.0.1:5432/payments' };
const provider = {
  GATEWAY_URL: 'http://gateway:3005',
  GATEWAY_CALLBACK_SECRET: `whsec_${Buffer.alloc(32, 7).toString('base64')}`,
};

function refusal(given: Record<string, string>): string[] {
  try {
    readConfig('payments', PaymentsConfig, { ...env, ...given });
  } catch (error) {
    if (error instanceof BadConfig) return error.variables;
    throw error;
  }
  return [];
}

describe('the gateway that payments is told to use', () => {
  it('is refused when none is named, and the error names both ways', () => {
    expect(refusal({})).toEqual([
      'GATEWAY is not set: set GATEWAY_URL to the payment gateway, ' +
        'or GATEWAY=sandbox for one that takes no real money',
    ]);
  });

  it('is a provider or the sandbox', () => {
    expect(refusal(provider)).toEqual([]);
    expect(refusal({ GATEWAY: 'sandbox' })).toEqual([]);
    expect(refusal({ ...provider, GATEWAY: '' })).toEqual([]);
  });

  it('is refused when it is both, or nothing known', () => {
    expect(refusal({ ...provider, GATEWAY: 'sandbox' })).toEqual([
      'GATEWAY="sandbox": must not be set beside GATEWAY_URL',
    ]);
    expect(refusal({ GATEWAY: 'bank' })).toEqual(['GATEWAY="bank": must be sandbox']);
  });
});

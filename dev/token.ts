// `npm run token -- --customer 1`: prints a token of the development issuer. docs/AUTH.md.
import { readArguments, Usage, wholeNumber } from '../ops/shop/arguments';
import { runCommand } from '../ops/shop/run-command';
import { readIssuer } from './issuer/keys';
import { scopesIn } from './issuer/scopes';
import { tokenOf } from './issuer/token';

const minutesMax = 1_440;

const usage = `Usage: npm run token -- [options]
Prints a token for a shop with AUTH=jwt on this machine; the issuer need not run.
  --customer ID    it is this customer's, who sees what is theirs alone
  --scope SCOPES   what it may do: 'orders:read ledger:read'; unless given, of a customer
                   'orders:write orders:read'
  --minutes N      how long, 1 to ${minutesMax}; 15 unless given
Example: npm run token -- --customer 1 --scope 'orders:write orders:read'`;

const options = {
  customer: { type: 'string' },
  scope: { type: 'string' },
  minutes: { type: 'string', default: '15' },
} as const;

async function main(): Promise<void> {
  const { customer, scope: given, minutes } = readArguments({ options }).values;
  if (customer !== undefined && !/^\S{1,100}$/.test(customer)) {
    throw new Usage(`--customer wants an id, not "${customer}"`);
  }
  const scope = given ?? (customer === undefined ? undefined : 'orders:write orders:read');
  if (scope === undefined) throw new Usage('--scope says what the token may do');
  const token = await tokenOf(await readIssuer(), {
    subject: customer === undefined ? 'developer' : `customer-${customer}`,
    scope: scopesIn(scope),
    customerId: customer,
    lifeSeconds: wholeNumber('minutes', minutes, { min: 1, max: minutesMax }) * 60,
  });
  console.log(token);
}

runCommand(usage, main);

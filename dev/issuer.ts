// `npm run issuer`: tokens for a shop with AUTH=jwt on this machine. docs/AUTH.md.
import { readArguments } from '../ops/shop/arguments';
import { runCommand } from '../ops/shop/run-command';
import { isFree } from './local/ports';
import { clientNames } from './issuer/clients';
import { issuerFile, readIssuer, rotateKeys } from './issuer/keys';
import { IssuerServer } from './issuer/server';
import { audience } from './issuer/token';
import { issuerPort, jwksUrl, tokenUrl } from './issuer/urls';
import { say } from './start/lines';
import { stopOnSignals } from './start/signals';

const usage = `Usage: npm run issuer [-- options]
A development issuer of tokens at PORT_ISSUER (3100 unless set), until Ctrl-C.
Its keys and the secrets of its clients are in ${issuerFile}.
  --rotate  a new key signs from now on, in an issuer that runs too; ends at once
Example: npm run issuer -- --rotate`;

const options = { rotate: { type: 'boolean', default: false } } as const;

async function main(): Promise<void> {
  const { values } = readArguments({ options });
  if (values.rotate) return console.log(`key ${await rotateKeys()} signs from now on`);
  const port = issuerPort(process.env);
  if (!(await isFree(port))) throw new Error(`Port ${port} is taken: PORT_ISSUER=${port + 1000}`);
  const stopped = new Promise((done) => stopOnSignals(done));
  const issuer = await IssuerServer.open(port);
  const { clients } = await readIssuer();
  say('Give a service:');
  say(`  AUTH=jwt AUTH_JWKS_URL=${jwksUrl(issuer.url)}`);
  say(`  AUTH_ISSUER=${issuer.url} AUTH_AUDIENCE=${audience}`);
  say(`Give a program, as one of ${clientNames.join(', ')}:`);
  say(`  AUTH_TOKEN_URL=${tokenUrl(issuer.url)}`);
  for (const name of clientNames) {
    say(`  AUTH_CLIENT_ID=${name} AUTH_CLIENT_SECRET=${clients[name]}`);
  }
  await stopped;
  await issuer.close();
}

runCommand(usage, main);

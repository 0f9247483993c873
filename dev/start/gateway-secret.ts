import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

const file = '.tradepost/gateway-secret';

/**
 * What the sandbox gateway signs its callbacks with, and payments knows them by: made once and
 * kept, so that a gateway and a shop that are started apart have the same one.
 */
export async function gatewaySecret(env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const given = env.GATEWAY_CALLBACK_SECRET || env.CALLBACK_SECRET;
  if (given) return given;
  const kept = await readFile(file, 'utf8').catch(() => '');
  if (kept) return kept;
  const secret = `whsec_${randomBytes(32).toString('base64')}`;
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, secret, { mode: 0o600 });
  return secret;
}

import { randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { parseEnv } from 'node:util';
import { variable } from './variable';

const passwordBytes = 24;

/**
 * The password of each party: of AMQP_PASSWORD_<NAME>, of the file that AMQP_PASSWORD_<NAME>_FILE
 * names, or of `file`, which has lines `AMQP_PASSWORD_<NAME>=…`; else AMQP_SERVICE_PASSWORD, or
 * its file. One that is nowhere is made at random and written into `file`, which only its owner
 * may read.
 * @throws when one is nowhere and there is no `file`, naming all
 */
export async function userPasswords(
  parties: readonly string[],
  file?: string,
): Promise<Record<string, string>> {
  const kept = file === undefined ? {} : await readPasswords(file);
  const ofAll = await variable('AMQP_SERVICE_PASSWORD');
  const found: Record<string, string> = {};
  const missing: string[] = [];
  for (const party of parties) {
    const name = passwordVariable(party);
    const password = (await variable(name)) || kept[name] || ofAll;
    if (password) found[party] = password;
    else missing.push(party);
  }
  if (missing.length === 0) return found;
  if (file === undefined) {
    throw new Error(
      `no password for ${missing.join(', ')}: set ${missing.map(passwordVariable).join(', ')} or ` +
        'the same with _FILE, or give --passwords FILE, into which random ones are written',
    );
  }
  for (const party of missing) {
    const password = randomBytes(passwordBytes).toString('base64url');
    found[party] = password;
    kept[passwordVariable(party)] = password;
  }
  // Before the broker knows them: one that only the broker knows would be lost.
  await writePasswords(file, kept);
  return found;
}

/** `log-sink`: AMQP_PASSWORD_LOG_SINK. */
function passwordVariable(party: string): string {
  return `AMQP_PASSWORD_${party.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`;
}

async function readPasswords(file: string): Promise<Partial<Record<string, string>>> {
  try {
    return parseEnv(await readFile(file, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
}

async function writePasswords(
  file: string,
  passwords: Partial<Record<string, string>>,
): Promise<void> {
  const lines = Object.entries(passwords).map(([name, password]) => `${name}=${password}\n`);
  await writeFile(`${file}.new`, lines.sort().join(''), { mode: 0o600 });
  await rename(`${file}.new`, file);
}

import 'reflect-metadata';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { CommandSettings } from '../src/commands/settings';

type Config = Pick<CommandSettings, 'services' | 'strategies'> &
  Partial<Pick<CommandSettings, 'contracts'>>;

/** Settings from the file that MESSAGING_CONFIG names, else `messaging.config.js`. */
export function configured(name: string): CommandSettings {
  const file = resolve(process.env.MESSAGING_CONFIG || 'messaging.config.js');
  const config = async () => {
    if (!existsSync(file)) throw new Error(`${file} is missing: it says what the services are`);
    return ((await import(pathToFileURL(file).href)) as { default: Config }).default;
  };
  return {
    name,
    services: async () => (await config()).services(),
    strategies: async () => (await config()).strategies?.() ?? {},
    contracts: async () => (await config()).contracts?.() ?? [],
  };
}

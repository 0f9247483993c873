import { MODULE_METADATA } from '@nestjs/common/constants';
import { existsSync, readdirSync } from 'node:fs';
import { resolve } from 'node:path';

const folder = resolve(__dirname, '../../apps');
const moduleOf = (app: string) => `${folder}/${app}/src/${app}.module.ts`;
const apps = readdirSync(folder).filter((app) => existsSync(moduleOf(app)));

it('finds the modules of the apps', () => expect(apps).toContain('payments'));

it.each(apps)('%s names each provider and controller once', (app) => {
  const exported = Object.values(jest.requireActual<Record<string, object>>(moduleOf(app)));
  for (const list of [MODULE_METADATA.PROVIDERS, MODULE_METADATA.CONTROLLERS]) {
    const given = exported.flatMap((m) => (Reflect.getMetadata(list, m) ?? []) as object[]);
    const tokens = given.map((one) => ('provide' in one ? one.provide : one));
    expect(tokens.filter((token, i) => tokens.indexOf(token) !== i)).toEqual([]);
  }
});

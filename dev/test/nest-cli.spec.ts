import { eventually } from '@tradepost/messaging/testing';
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fetch } from 'undici';
import { freePorts, isFree } from '../local/ports';

const settings = ['.swcrc', 'nest-cli.json', 'package.json', 'tsconfig.json'];
const source = 'apps/users/src/users.module.ts';

describe('the command line of Nest', () => {
  const folder = mkdtempSync(join(tmpdir(), 'nest-cli-'));
  const nest = resolve('node_modules/@nestjs/cli/bin/nest.js');
  const read = (file: string) => readFileSync(join(folder, file), 'utf8');
  const run = (...args: string[]) =>
    execFileSync(process.execPath, [nest, ...args], { cwd: folder });
  const filesOf = () => readdirSync(join(folder, 'apps/users/src'), { recursive: true }).sort();

  beforeAll(() => {
    for (const name of ['apps', 'libs', ...settings]) {
      cpSync(name, join(folder, name), { recursive: true });
    }
    symlinkSync(resolve('node_modules'), join(folder, 'node_modules'), 'junction');
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('builds a service as the build does', () => {
    run('build', 'users');

    for (const name of ['main.js', 'users.controller.js', 'users.controller.js.map']) {
      const file = `dist/apps/users/src/${name}`;
      expect([file, read(file)]).toEqual([file, readFileSync(file, 'utf8')]);
    }
    expect(existsSync(join(folder, 'dist/libs/service/src/index.js'))).toBe(true);
  });

  it('starts one, and again when a source has changed', async () => {
    const [port] = await freePorts([undefined]);
    const env = {
      PATH: process.env.PATH,
      ...{ AMQP_URL: 'amqp://guest:guest@127.0.0.1:1', LOG_LEVEL: 'critical', AUTH: 'none' },
      ...{ POSTGRES_URL: 'postgres://shop:pw@127.0.0.1:1/shop', PORT: String(port) },
    };
    // A group of its own: Nest does not always end the service that it has started.
    const options = { cwd: folder, env, stdio: 'ignore', detached: true } as const;
    const cli: ChildProcess = spawn(process.execPath, [nest, 'start', 'users', '--watch'], options);
    const toSay = (about: string) =>
      eventually(
        async () => {
          const response = await fetch(`http://127.0.0.1:${port}/`);
          expect(await response.text()).toContain(about);
        },
        { withinMs: 30_000 },
      );
    try {
      await toSay('Knows the customers');
      writeFileSync(join(folder, source), read(source).replace('Knows', 'Meets'));
      await toSay('Meets the customers');
    } finally {
      const ended = once(cli, 'exit');
      process.kill(-(cli.pid ?? NaN), 'SIGTERM');
      await ended;
      await eventually(async () => expect(await isFree(port)).toBe(true));
    }
  });

  it('writes files of our style where they belong, and no other', () => {
    const before = settings.map(read);
    const files = filesOf();

    run('generate', 'controller', 'parcels', '--project', 'users');
    run('generate', 'provider', 'parcel/pack-parcel', '--project', 'users');
    run('generate', 'module', 'parcel-stock', '--project', 'users');

    expect(settings.map(read)).toEqual(before);
    const added = [
      'parcel',
      'parcel/pack-parcel.ts',
      'parcel-stock.module.ts',
      'parcels.controller.ts',
    ];
    expect(filesOf()).toEqual([...files, ...added].sort());
    expect(read(source)).toContain('controllers: [UsersController, ParcelsController]');
    expect(read(source)).toContain('providers: [UsersRpc, UsersStore, PackParcel]');
  });
});

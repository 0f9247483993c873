import { eventually, TestBroker } from '@tradepost/test-kit';
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = resolve(__dirname, '../../..');
const packed = join(root, 'libs/messaging');

const sources = {
  'src/app.module.ts': `
    import { RabbitSubscribe } from '@golevelup/nestjs-rabbitmq';
    import { Injectable, Module } from '@nestjs/common';
    import { MessagingModule, OnWork, type Message } from '@tradepost/messaging';
    import { work } from '@tradepost/messaging/contract';
    import { IsString } from 'class-validator';

    export class Greet {
      static readonly route = work('greeter.greet');

      @IsString()
      name!: string;
    }

    @Injectable()
    export class Greeter {
      @OnWork(Greet, { retry: [] })
      async greet({ name }: Greet, message: Message): Promise<void> {
        console.log(\`greet \${name} \${message.id}\`);
      }

      @RabbitSubscribe({ queue: 'greeter.plain' })
      async plain(body: { name: string }): Promise<void> {
        console.log(\`plain \${body.name}\`);
      }
    }

    const amqpUrl = process.env.AMQP_URL ?? '';

    @Module({
      imports: [MessagingModule.forRoot({ service: 'greeter', amqpUrl, prefetch: 10 })],
      providers: [Greeter],
    })
    export class AppModule {}`,
  'src/main.ts': `
    import 'reflect-metadata';
    import { NestFactory } from '@nestjs/core';
    import { AppModule } from './app.module';

    NestFactory.createApplicationContext(AppModule).then((app) => app.enableShutdownHooks());`,
  'messaging.config.js': `
    module.exports = {
      services: async () => ({ greeter: require('./dist/app.module').AppModule }),
      contracts: async () => [require('./dist/app.module').Greet],
    };`,
  'tsconfig.json': JSON.stringify({
    compilerOptions: {
      target: 'ES2023',
      module: 'node20',
      strict: true,
      experimentalDecorators: true,
      emitDecoratorMetadata: true,
      skipLibCheck: true,
      rootDir: 'src',
      outDir: 'dist',
      typeRoots: [join(root, 'node_modules/@types')],
      types: ['node'],
    },
    include: ['src'],
  }),
};

describe('the package', () => {
  let folder: string;
  let broker: TestBroker;
  let app: ChildProcess | undefined;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'messaging-package-'));
    broker = await TestBroker.create();
    await mkdir(join(folder, 'src'));
    for (const [file, text] of Object.entries(sources)) await writeFile(join(folder, file), text);
    await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'greeter' }));
    const { stdout } = await npm(packed, ['pack', '--json', '--pack-destination', folder]);
    const [{ filename }] = JSON.parse(stdout.slice(stdout.indexOf('['))) as [{ filename: string }];
    await npm(folder, ['install', '--prefer-offline', '--no-audit', '--no-fund', filename]);
    await run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder]);
  }, 300_000);
  afterAll(async () => {
    app?.kill('SIGKILL');
    await broker?.close();
    await rm(folder, { recursive: true, force: true });
  });

  const environmentOf = () => ({ ...process.env, AMQP_URL: broker.amqpUrl });
  const npm = (cwd: string, args: string[]) =>
    run('npm', args, { cwd, maxBuffer: 16 * 1024 * 1024 });
  const command = async (name: string, ...args: string[]) => {
    const program = join(folder, 'node_modules/.bin', name);
    const { stdout } = await run(program, args, { cwd: folder, env: environmentOf() });
    return stdout;
  };

  it('runs a work handler and a plain golevelup handler in an application of its own', async () => {
    app = spawn(process.execPath, ['dist/main.js'], { cwd: folder, env: environmentOf() });
    let output = '';
    for (const stream of [app.stdout, app.stderr]) stream?.on('data', (text) => (output += text));
    const publish = async (queue: string, body: object, messageId: string) =>
      eventually(() => broker.sendToQueue(queue, body, { messageId }), { withinMs: 30_000 });
    const consuming = async (queue: string) =>
      eventually(async () => expect(await broker.depth(queue)).toBe(0), { withinMs: 30_000 });
    await consuming('greeter.greet');
    await publish('greeter.greet', { name: 'Ada' }, 'm1');
    await publish('greeter.plain', { name: 'Grace' }, 'm2');
    await publish('greeter.greet', { name: 7 }, 'm3');
    await eventually(() => {
      expect(output).toContain('greet Ada m1');
      expect(output).toContain('plain Grace');
    });
    await eventually(async () => expect(await broker.depth('greeter.greet.dead')).toBe(1));
    const ended = new Promise((done) =>
      app?.once('exit', (code, signal) => done({ code, signal })),
    );
    app.kill('SIGTERM');
    expect(await ended).toEqual({ code: null, signal: 'SIGTERM' });
  }, 60_000);

  it('has its commands, which read what the application declares', async () => {
    expect(await command('messaging-topology', '--help')).toContain('Usage: messaging-topology');
    const { differences } = JSON.parse(await command('messaging-topology', 'plan', '--json'));
    expect(differences.filter(({ kind }: { kind: string }) => kind === 'extra')).toEqual([]);
    const listed = JSON.parse(await command('messaging-dead-letters', 'list', '--json'));
    expect(listed.items).toMatchObject([{ queue: 'greeter.greet', errorCode: 'invalid_body' }]);
    expect(await command('messaging-dead-letters', 'replay', 'm3')).toContain('sent 1');
  }, 60_000);

  it('has every option in its README', async () => {
    const readme = await readFile(join(packed, 'README.md'), 'utf8');
    const options = await readFile(join(packed, 'src/messaging-options.ts'), 'utf8');
    const names = [...options.matchAll(/^ {2}(\w+)\??:/gm)].map(([, name]) => `\`${name}\``);
    expect(names).toContain('`service`');
    expect(names.filter((name) => !readme.includes(name))).toEqual([]);
  });

  it('asks for the versions that it is tested with', async () => {
    const read = async (file: string) => JSON.parse(await readFile(file, 'utf8'));
    const own = await read(join(packed, 'package.json'));
    const { dependencies, devDependencies } = await read(join(root, 'package.json'));
    const asked = { ...own.dependencies, ...own.peerDependencies };
    expect({ ...devDependencies, ...dependencies }).toMatchObject(asked);
  });
});

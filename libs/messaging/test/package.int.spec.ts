import { eventually, TestBroker } from '@tradepost/test-kit';
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = resolve(__dirname, '../../..');
const packed = join(root, 'libs/messaging');
/** What it is to run on: this Node, and those that NODES names. */
const others = process.env['NODES']?.split(delimiter).filter(Boolean) ?? [];
const nodes = [process.execPath, ...others];

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
  'src/strategy.ts': `
    import 'reflect-metadata';
    import { Controller, Module } from '@nestjs/common';
    import { NestFactory } from '@nestjs/core';
    import { EventPattern, Payload } from '@nestjs/microservices';
    import { RabbitStrategy } from '@tradepost/messaging/nest';

    @Controller()
    class Cats {
      @EventPattern('cat-born')
      born(@Payload() { name }: { name: string }): void {
        console.log(\`born \${name}\`);
      }
    }

    @Module({ controllers: [Cats] })
    class CatsModule {}

    const strategy = new RabbitStrategy({ urls: [process.env.AMQP_URL ?? ''], queue: 'cats' });
    NestFactory.createMicroservice(CatsModule, { strategy }).then(async (app) => {
      app.enableShutdownHooks();
      await app.listen();
    });`,
  'src/module.ts': `
    import 'reflect-metadata';
    import { RabbitSubscribe } from '@golevelup/nestjs-rabbitmq';
    import { Injectable, Module } from '@nestjs/common';
    import { NestFactory } from '@nestjs/core';
    import { RabbitMQModule } from '@tradepost/messaging/golevelup';

    @Injectable()
    class Dogs {
      @RabbitSubscribe({ queue: 'dogs' })
      async walk({ name }: { name: string }): Promise<void> {
        console.log(\`walked \${name}\`);
      }
    }

    @Module({
      imports: [RabbitMQModule.forRoot({ uri: process.env.AMQP_URL ?? '' })],
      providers: [Dogs],
    })
    class DogsModule {}

    NestFactory.createApplicationContext(DogsModule).then((app) => app.enableShutdownHooks());`,
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

const read = async (file: string) => JSON.parse(await readFile(file, 'utf8'));

describe('the package', () => {
  let folder: string;
  let broker: TestBroker;
  const programs: ChildProcess[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'messaging-package-'));
    broker = await TestBroker.create();
    await mkdir(join(folder, 'src'));
    for (const [file, text] of Object.entries(sources)) await writeFile(join(folder, file), text);
    await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'greeter' }));
    const { stdout } = await npm(packed, ['pack', '--json', '--pack-destination', folder]);
    const [{ filename }] = JSON.parse(stdout.slice(stdout.indexOf('['))) as [{ filename: string }];
    const { dependencies, devDependencies } = await read(join(root, 'package.json'));
    const peers = ['@nestjs/microservices', 'pg'].map(
      (name) => `${name}@${{ ...devDependencies, ...dependencies }[name]}`,
    );
    const quietly = ['--prefer-offline', '--no-audit', '--no-fund'];
    await npm(folder, ['install', ...quietly, filename, ...peers]);
    await run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder]);
  }, 300_000);
  afterAll(async () => {
    for (const program of programs) program.kill('SIGKILL');
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

  /** Ends what the last one has begun. */
  const begin = (node: string, name: string) => {
    const program = spawn(node, [`dist/${name}.js`], { cwd: folder, env: environmentOf() });
    programs.push(program);
    const output: string[] = [];
    for (const stream of [program.stdout, program.stderr]) {
      stream.on('data', (text) => output.push(String(text)));
    }
    const ended = new Promise((done) =>
      program.once('exit', (code, signal) => done({ code, signal })),
    );
    const says = async (text: string) =>
      eventually(() => expect(output.join('')).toContain(text), { withinMs: 30_000 });
    const end = async () => {
      program.kill('SIGTERM');
      expect(await ended).toEqual({ code: null, signal: 'SIGTERM' });
    };
    return { says, end };
  };
  const publish = async (queue: string, body: object, messageId?: string) =>
    eventually(
      async () => {
        await broker.depth(queue);
        await broker.sendToQueue(queue, body, { messageId });
      },
      { withinMs: 30_000 },
    );

  describe.each(nodes)('on %s', (node) => {
    it('runs a work handler and a plain golevelup handler in an application of its own', async () => {
      const app = begin(node, 'main');
      await publish('greeter.greet', { name: 'Ada' }, 'm1');
      await publish('greeter.plain', { name: 'Grace' }, 'm2');
      await app.says('greet Ada m1');
      await app.says('plain Grace');
      await app.end();
    }, 60_000);

    it("runs a service of Nest's transport, and one of golevelup's module", async () => {
      const [strategy, module] = [begin(node, 'strategy'), begin(node, 'module')];
      await publish('cats', { pattern: 'cat-born', data: { name: 'Tom' } });
      await publish('dogs', { name: 'Rex' });
      await strategy.says('born Tom');
      await module.says('walked Rex');
      await Promise.all([strategy.end(), module.end()]);
    }, 60_000);

    it('has all its entries; none loads what another needs', async () => {
      const { name, exports } = await read(join(packed, 'package.json'));
      const entries = Object.keys(exports).filter((one) => /^\.(\/[a-z]+)?$/.test(one));
      expect(entries).toContain('./testing');
      const isOfOrm = (entry: string) => /kysely|drizzle|typeorm|prisma/.test(entry);
      const loads = entries.map((one) => {
        const load = isOfOrm(one) ? 'require.resolve' : 'require';
        return `${load}('${name}${one.slice(1)}')`;
      });
      await run(node, ['-e', loads.join(';')], { cwd: folder });
    });
  });

  it('has its commands, which read what the application declares', async () => {
    const app = begin(process.execPath, 'main');
    await publish('greeter.greet', { name: 7 }, 'm3');
    await eventually(async () => expect(await broker.depth('greeter.greet.dead')).toBe(1));
    await app.end();
    expect(await command('messaging-topology', '--help')).toContain('Usage: messaging-topology');
    const { differences } = JSON.parse(await command('messaging-topology', 'plan', '--json'));
    const extra = differences.filter(({ kind }: { kind: string }) => kind === 'extra');
    const others = ['cats', 'cats.dead', 'dogs', 'dogs.dead'];
    expect(extra.map(({ name }: { name: string }) => name)).toEqual(others);
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
    const own = await read(join(packed, 'package.json'));
    const { dependencies, devDependencies } = await read(join(root, 'package.json'));
    const asked = { ...own.dependencies, ...own.peerDependencies };
    expect({ ...devDependencies, ...dependencies }).toMatchObject(asked);
  });
});

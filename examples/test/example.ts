import { transformSync } from '@swc/core';
import { ServiceProcess, TestBroker } from '@tradepost/test-kit';
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(__dirname, '../..');

/** A service in `examples/`, as it stands or with its patch. */
export class Example {
  private readonly folder: string;
  private readonly patched: string;
  private process?: ServiceProcess;
  private own?: TestBroker;

  private constructor(private readonly name: string) {
    this.folder = join(root, 'examples', name);
    this.patched = `examples/${name}-on-the-runtime`;
  }

  /** For the tests of the suite around: each has a virtual host with the queue of shipping. */
  static of(name: string): Example {
    const example = new Example(name);
    beforeEach(async () => {
      example.own = await TestBroker.create();
      await example.own.declareQueue('shipping');
    });
    afterEach(async () => {
      await example.remove();
      await example.own?.close();
    });
    return example;
  }

  get broker(): TestBroker {
    if (this.own === undefined) throw new Error('only within a test');
    return this.own;
  }

  /** How many lines its patch takes out and puts in. */
  changedLines(): number {
    const text = readFileSync(join(this.folder, 'to-runtime.patch'), 'utf8');
    return text.split('\n').filter((line) => /^[+-](?![+-])/.test(line)).length;
  }

  async start(): Promise<void> {
    await this.run(`examples/${this.name}`);
  }

  /** With its patch: built beside it. */
  async startPatched(): Promise<void> {
    this.build();
    await this.run(this.patched);
  }

  /** @returns how it ended: cleanly, with code 0 or by the signal that it was sent */
  async stop(): Promise<unknown> {
    return this.process?.stop();
  }

  private async remove(): Promise<void> {
    await this.process?.kill();
    rmSync(join(root, 'dist', this.patched), { recursive: true, force: true });
  }

  private async run(built: string): Promise<void> {
    const env = { ...process.env, AMQP_URL: this.broker.amqpUrl };
    const main = `${built}/src/main.js`;
    this.process = await ServiceProcess.start({ app: 'example', main, env });
  }

  private build(): void {
    const folder = mkdtempSync(join(tmpdir(), 'example-'));
    const sources = join(this.folder, 'src');
    const built = join(root, 'dist', this.patched, 'src');
    try {
      cpSync(sources, join(folder, 'src'), { recursive: true });
      execFileSync('git', ['apply', join(this.folder, 'to-runtime.patch')], { cwd: folder });
      mkdirSync(built, { recursive: true });
      for (const file of readdirSync(sources)) {
        const text = readFileSync(join(folder, 'src', file), 'utf8');
        const filename = join(sources, file);
        const { code } = transformSync(text, { filename, cwd: root, jsc: { baseUrl: root } });
        writeFileSync(join(built, file.replace(/ts$/, 'js')), code);
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
}

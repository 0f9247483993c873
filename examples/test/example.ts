import { transformSync } from '@swc/core';
import { ServiceProcess } from '@tradepost/test-kit';
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

  constructor(private readonly name: string) {
    this.folder = join(root, 'examples', name);
    this.patched = `examples/${name}-on-the-runtime`;
  }

  /** How many lines its patch takes out and puts in. */
  changedLines(): number {
    const text = readFileSync(join(this.folder, 'to-runtime.patch'), 'utf8');
    return text.split('\n').filter((line) => /^[+-](?![+-])/.test(line)).length;
  }

  async start(amqpUrl: string): Promise<void> {
    await this.run(`examples/${this.name}`, amqpUrl);
  }

  /** With its patch: built beside it. */
  async startPatched(amqpUrl: string): Promise<void> {
    this.build();
    await this.run(this.patched, amqpUrl);
  }

  /** @returns how it ended: cleanly, with code 0 or by the signal that it was sent */
  async stop(): Promise<unknown> {
    return this.process?.stop();
  }

  async remove(): Promise<void> {
    await this.process?.kill();
    rmSync(join(root, 'dist', this.patched), { recursive: true, force: true });
  }

  private async run(built: string, amqpUrl: string): Promise<void> {
    const env = { ...process.env, AMQP_URL: amqpUrl };
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

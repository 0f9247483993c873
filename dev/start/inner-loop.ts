import { realpathSync } from 'node:fs';
import { join, relative } from 'node:path';
import { messageOf } from '../time';
import { say } from './lines';
import { builtFile, rebuild } from './rebuild';
import { SourceWatch } from './source-watch';
import { Types } from './types';
import type { Worker, Workers } from './workers';

/** What services are made of. */
const folders = ['apps', 'libs'];

/** Where handlers and contracts are, and where modules say what they send. */
const declares = /\.(work|fanout|topic|rpc|module)\.ts$|^libs[\\/]/;

/** A source that changes is built, and the services that use it run it, and no other. */
export class InnerLoop {
  private readonly closing = new AbortController();
  private readonly watch = new SourceWatch(folders, (files) => this.take(files));
  private readonly types = new Types();
  /** Of these dist has not what is written in them. */
  private readonly changed = new Set<string>();
  private working: Promise<void> = Promise.resolve();

  /** @param onTopology what services declare may be another by now */
  constructor(
    private readonly workers: Workers,
    private readonly onTopology: () => Promise<void>,
  ) {
    say(`Watching ${folders.join(' and ')}; types are checked beside`);
  }

  async close(): Promise<void> {
    this.closing.abort(new Error('closed'));
    this.watch.close();
    this.types.close();
    await this.working;
  }

  private take(files: string[]): void {
    for (const file of files) this.changed.add(file);
    this.working = this.working
      .then(async () => this.work())
      .catch((error: unknown) => {
        // Without its cause, the compiler's own stack.
        if (!this.closing.signal.aborted)
          say(error instanceof Error ? error.message : String(error));
      });
  }

  private async work(): Promise<void> {
    const sources = [...this.changed];
    // Done with those that came before them.
    if (sources.length === 0 || this.closing.signal.aborted) return;
    const startedMs = performance.now();
    await rebuild(sources);
    for (const source of sources) this.changed.delete(source);
    const dist = realpathSync('dist');
    const built = sources.map((source) => join(dist, relative('dist', builtFile(source))));
    const users = this.workers.all.filter((worker) => isToRenew(worker, built));
    const names = users.map(({ app }) => app).join(', ');
    say(`${listed(sources)} changed: ${names || 'no service uses it'}`);
    if (sources.some((source) => declares.test(source))) {
      // Code that does not load is said again by its service, where the old one runs on.
      await this.onTopology().catch((error: unknown) => say(messageOf(error)));
    }
    await Promise.allSettled(users.map(async (worker) => this.renew(worker, startedMs)));
  }

  private async renew(worker: Worker, startedMs: number): Promise<void> {
    const { app } = worker;
    try {
      const done = await this.workers.renew(worker, this.closing.signal);
      const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1);
      say(done ? `${app} runs it after ${seconds} s` : `${app} does not load: the old one runs on`);
    } catch (error) {
      if (!this.closing.signal.aborted) say(`${messageOf(error)}; it waits for the next change`);
    }
  }
}

/** One that is dead may be so for any reason. */
function isToRenew({ state, process }: Worker, built: string[]): boolean {
  if (state === 'dead') return true;
  return process !== undefined && built.some((file) => process.uses(file));
}

function listed(sources: string[]): string {
  const [first = '', ...more] = sources;
  return more.length === 0 ? first : `${first} and ${more.length} more`;
}

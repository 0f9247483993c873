import { freePorts } from '../../dev/local/ports';
import { messageOf } from '../../dev/time';
import type { Pids } from '../harness/measure';
import { ObedientProgram } from '../harness/obedient-program';
import { createOwnDatabase } from '../harness/own-database';
import { VirtualHost } from '../harness/virtual-host';
import type { Figures, Setting, Subject } from '../harness/work';
import type { PeerName } from './peers';
import type { Command, Part, Role } from './protocol';

const startMs = 30_000;

/** The two processes of a peer, in the order in which they start. */
export type Parts = Record<'far' | 'near', ObedientProgram<Command>>;

export interface PeerSubjectOptions {
  name: PeerName;
  /** The far one serves or consumes, and declares what it takes from. */
  roles: Record<keyof Parts, Role>;
  needsDatabase?: boolean;
  /** Before the counted runs. */
  warmUp: (parts: Parts) => Promise<unknown>;
  /** @param pids what to measure */
  run: (parts: Parts, pids: Pids) => Promise<Figures>;
}

/**
 * A peer on a virtual host of its own. One that loses messages, or never ends, costs a deadline: it
 * is told in the log and by `failed: 1`, and the others go on. Ours must not fail.
 */
export class PeerSubject implements Subject {
  readonly name: string;
  private parts?: Parts;
  private readonly undo: (() => Promise<void>)[] = [];
  private failure?: string;

  constructor(
    private readonly setting: Setting,
    private readonly options: PeerSubjectOptions,
  ) {
    this.name = options.name;
  }

  async start(): Promise<void> {
    await this.unlessFailed(async () => {
      const parts = await this.startParts();
      await this.options.warmUp(parts);
    });
  }

  async run(): Promise<Figures> {
    const figures = await this.unlessFailed(async () => {
      const { parts } = this;
      if (!parts) throw new Error('not started');
      const { roles } = this.options;
      return this.options.run(parts, { [roles.near]: parts.near.pid, [roles.far]: parts.far.pid });
    });
    return figures ?? { failed: 1 };
  }

  async stop(): Promise<void> {
    for (const undo of this.undo.splice(0).reverse()) await undo();
  }

  private async startParts(): Promise<Parts> {
    const { broker } = this.setting.servers;
    const { name, roles } = this.options;
    const id = `bench-${roles.near}-${name.replaceAll(' ', '-')}`;
    const vhost = await VirtualHost.create(broker, id);
    this.undo.push(() => vhost.drop());
    const [port] = await freePorts([undefined]);
    const postgresUrl = this.options.needsDatabase ? await this.createDatabase(id) : undefined;
    const setup = { amqpUrl: vhost.url, port, postgresUrl };
    const begin = async (role: Role) => {
      const part = new ObedientProgram<Command>({
        name: `${id}-${role}`,
        main: 'bench/peers/program.js',
        env: { BENCH_PEER: JSON.stringify({ peer: name, role, setup } satisfies Part) },
        folder: this.setting.folder,
      });
      this.undo.push(() => part.stop());
      await part.ask({ do: 'report-ready' }, startMs);
      return part;
    };
    const far = await begin(roles.far);
    this.parts = { far, near: await begin(roles.near) };
    return this.parts;
  }

  private async createDatabase(id: string): Promise<string> {
    const name = id.replaceAll('-', '_');
    const folders = ['libs/messaging/migrations'];
    const database = await createOwnDatabase(this.setting.servers, name, folders);
    this.undo.push(() => database.drop());
    return database.serviceUrl;
  }

  private async unlessFailed<T>(work: () => Promise<T>): Promise<T | undefined> {
    if (this.failure !== undefined) return undefined;
    try {
      return await work();
    } catch (error) {
      const isOurs = this.name.startsWith('tradepost');
      if (isOurs || this.setting.scale === 'smoke') throw error;
      this.failure = messageOf(error);
      this.setting.log(`  ${this.name} failed: ${this.failure}`);
      // What it still does would be measured as the others'.
      await this.stop().catch(() => undefined);
      return undefined;
    }
  }
}

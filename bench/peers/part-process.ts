import { within } from '../../dev/time';
import { Program } from '../harness/program';
import type { Command, Part } from './protocol';

/** One part of a peer, in a process of its own that takes commands. */
export class PartProcess extends Program {
  private readonly replies = new Map<number, (result: unknown) => void>();
  private asked = 0;

  /** @param folder takes the file with its output */
  constructor(part: Part, folder: string) {
    super({
      name: `${part.peer} ${part.role}`,
      main: 'bench/peers/program.js',
      env: { BENCH_PEER: JSON.stringify(part) },
      folder,
      ipc: true,
    });
    this.child.on('message', ({ id, result }: { id: number; result: unknown }) => {
      this.replies.get(id)?.(result);
    });
  }

  /** @throws when it ends or is late */
  async ask<T = void>(command: Command, withinMs: number): Promise<T> {
    this.asked += 1;
    const id = this.asked;
    const reply = new Promise<T>((resolve) => {
      this.replies.set(id, (result) => resolve(result as T));
    });
    const ended = this.ended.then(() => {
      this.assertRunning();
      throw new Error(`${this.options.name} ended`);
    });
    if (this.child.connected) this.child.send({ id, ...command }, () => undefined);
    try {
      return await within(Promise.race([reply, ended]), withinMs, `${this.options.name} to reply`);
    } finally {
      this.replies.delete(id);
    }
  }
}

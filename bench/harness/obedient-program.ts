import { within } from '@tradepost/messaging/testing';
import { Program, type ProgramOptions } from './program';

/** A program that takes commands and replies to each: its side is `obey`. */
export class ObedientProgram<Command extends object> extends Program {
  private readonly replies = new Map<number, (result: unknown) => void>();
  private asked = 0;

  constructor(options: Omit<ProgramOptions, 'ipc'>) {
    super({ ...options, ipc: true });
    this.child.on('message', ({ id, result }: { id: number; result: unknown }) => {
      this.replies.get(id)?.(result);
    });
  }

  /** @throws when it ends or is late */
  async ask<T = void>(command: Command, withinMs: number): Promise<T> {
    this.asked += 1;
    const id = this.asked;
    const { name } = this.options;
    const reply = new Promise<T>((resolve) => {
      this.replies.set(id, (result) => resolve(result as T));
    });
    const ended = this.ended.then(() => {
      this.assertRunning();
      throw new Error(`${name} ended`);
    });
    if (this.child.connected) this.child.send({ id, ...command }, () => undefined);
    try {
      return await within(Promise.race([reply, ended]), withinMs, `${name} to reply`);
    } finally {
      this.replies.delete(id);
    }
  }
}

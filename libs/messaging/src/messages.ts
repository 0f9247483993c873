import { Injectable } from '@nestjs/common';
import type { Body, Reply, RpcContract, TopicContract } from './contract';
import { Runtime } from './runtime';

export interface AskOptions {
  /** How long the answer may take, in milliseconds. */
  timeoutMs?: number;
}

const defaultAskTimeoutMs = 5_000;

/** The two ways to speak that need no transaction. `send(tx, …)` is the one that does. */
@Injectable()
export class Messages {
  constructor(private readonly runtime: Runtime) {}

  /**
   * Asks, and waits for the answer.
   * @throws Rejected the other side refused, with its code
   * @throws RpcTimeout, RpcFailed, Unroutable no answer; asking again may help
   */
  async ask<C extends RpcContract>(
    contract: C,
    body: Body<C>,
    { timeoutMs = defaultAskTimeoutMs }: AskOptions = {},
  ): Promise<Reply<C>> {
    return this.runtime.rpc.ask(contract, body, timeoutMs);
  }

  /** Whether a question would reach the broker right now: it is connected, and not stopping. */
  get canAsk(): boolean {
    return this.runtime.rpc.isOpen;
  }

  /** Tells all who listen; never blocks or throws. @returns false when the message was dropped */
  tell<C extends TopicContract>(contract: C, key: string, body: Body<C>): boolean {
    return this.runtime.topics.tell(contract, key, body);
  }
}

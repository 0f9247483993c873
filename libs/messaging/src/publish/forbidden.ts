import { TopologyMissing } from '../errors';
import { lackingOf, missingExchange, PermissionMissing } from '../permission-missing';
import type { Mode } from '../topology/ways';

/** So long nothing is tried again: each try costs the channel, and all on it their confirms. */
const againAfterMs = 10_000;

/** Exchanges to which nothing can be published at the moment. */
export class Forbidden {
  /** @param mode in strict mode nobody here makes what is missing */
  constructor(private readonly mode: Mode = 'simple') {}

  private readonly exchanges = new Map<string, { cause: Error; untilMs: number }>();

  /**
   * @param error what ended a channel that publishes
   * @returns the exchange that it was ended for, by its name in `basic.publish`
   */
  note(error: unknown): { exchange: string; cause: Error } | undefined {
    const missing = this.mode === 'strict' ? missingExchange(error) : undefined;
    if (missing !== undefined) {
      const cause = new TopologyMissing([`exchange ${missing}`]);
      this.add(missing, cause);
      return { exchange: missing, cause };
    }
    const lacking = lackingOf(error);
    if (lacking?.what !== 'exchange' || lacking.permission !== 'write') return undefined;
    const exchange = lacking.name === 'amq.default' ? '' : lacking.name;
    const cause = new PermissionMissing([lacking]);
    this.add(exchange, cause);
    return { exchange, cause };
  }

  add(exchange: string, cause: Error): void {
    this.exchanges.set(exchange, { cause, untilMs: Date.now() + againAfterMs });
  }

  /** Why nothing is to be published there at the moment. */
  why(exchange: string): Error | undefined {
    const known = this.exchanges.get(exchange);
    return known !== undefined && known.untilMs > Date.now() ? known.cause : undefined;
  }

  /** All that are known at the moment, a sentence each. */
  get problems(): string[] {
    return [...this.exchanges.keys()].flatMap((exchange) => this.why(exchange)?.message ?? []);
  }
}

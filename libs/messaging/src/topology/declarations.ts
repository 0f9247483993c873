import type { Logger } from '@nestjs/common';
import type { ChannelModel } from 'amqplib';
import { lackingOf, PermissionMissing, type Lacking } from '../permission-missing';
import { Asking, isRefusal, type Refusal } from './asking';
import { TopologyMissing } from '../errors';
import type { Mode } from './ways';
import { declare, isThere, onChannel, partsOf, type Part, type Topology } from './topology';

const accessRefused = 403;
const notFound = 404;

/**
 * Declares, on channels of its own, since a refusal ends a channel. What is there already may be
 * used without the permission to declare it; its arguments are then not compared, and it is said.
 * In strict mode it declares nothing: queues are looked for, all else is not.
 */
export class Declarations {
  /** By connection: what is there, and its user may not declare. */
  private readonly unchecked = new WeakMap<ChannelModel, Set<string>>();
  private readonly reported = new Set<string>();

  constructor(
    private readonly log?: Logger,
    private readonly mode: Mode = 'simple',
  ) {}

  /**
   * @throws PermissionMissing naming all that is missing and may not be declared or bound
   * @throws TopologyMissing in strict mode
   * @throws what the broker says of the first thing that is there already and differs
   */
  async declare(model: ChannelModel, topology: Partial<Topology>): Promise<void> {
    if (this.mode === 'strict') return lookFor(model, topology.queues ?? []);
    const { lacking } = await this.tryTo(model, topology);
    this.report(model);
    if (lacking.length > 0) throw new PermissionMissing(lacking);
  }

  /**
   * `declare` for who goes on with what is lacking.
   * @returns also whether the user was seen to lack anything on this connection
   */
  async tryTo(
    model: ChannelModel,
    topology: Partial<Topology>,
  ): Promise<{ lacking: Lacking[]; isRestricted: boolean }> {
    if (!this.unchecked.has(model)) {
      try {
        await onChannel(model, (channel) => declare(channel, topology));
        return { lacking: [], isRestricted: false };
      } catch (error) {
        if (!isRefusal(error) || error.code !== accessRefused) throw error;
      }
    }
    const lacking: Lacking[] = [];
    const asking = new Asking(model);
    try {
      for (const part of partsOf(topology)) {
        lacking.push(...(await this.one(model, asking, part, lacking.length > 0)));
      }
    } finally {
      await asking.end();
    }
    return { lacking, isRestricted: true };
  }

  /** Says, once, what could not be compared. */
  report(model: ChannelModel): void {
    const found = [...(this.unchecked.get(model) ?? [])];
    const names = found.filter((id) => !this.reported.has(id));
    if (names.length === 0) return;
    for (const id of names) this.reported.add(id);
    const cause = 'the broker lets its user not declare them: they are taken as they are';
    this.log?.debug('arguments not checked', { names, cause });
  }

  /** @returns what the user lacks for it */
  private async one(
    model: ChannelModel,
    asking: Asking,
    part: Part,
    isIncomplete: boolean,
  ): Promise<Lacking[]> {
    const unchecked = this.unchecked.get(model);
    if (unchecked?.has(part.id) && !(await asking.ask(isThere(part)))) return [];
    const refused = await asking.ask((channel) => declare(channel, part.only));
    if (refused === undefined) return [];
    // One of its ends is what could not be made.
    if (part.what === 'binding' && refused.code === notFound && isIncomplete) return [];
    const lacking = lackingOf(refused);
    if (lacking === undefined) throw refused;
    if (part.what === 'binding') return [lacking];
    const absent = await asking.ask(isThere(part));
    if (absent === undefined) {
      this.unchecked.set(model, (unchecked ?? new Set()).add(part.id));
      return [];
    }
    return lackingToDeclare(part, lacking, absent);
  }
}

function lackingToDeclare({ what, name, only }: Part, lacking: Lacking, { code }: Refusal) {
  // It is about another thing: the exchange that gets what this one cannot keep or route.
  const isOther = lacking.what !== what || lacking.name !== name;
  const one: Lacking = isOther ? { ...lacking, permission: 'write' } : lacking;
  if (code !== notFound) return [one];
  const needed: Lacking[] = [isOther ? one : { ...one, isMissing: true }];
  const deadLetters = only.queues?.some(({ args }) => 'x-dead-letter-exchange' in args);
  // RabbitMQ 3 does not say which of the two it was.
  if (deadLetters && !isOther) needed.push({ ...one, permission: 'read' });
  return needed;
}

// What its user has no permission for it may not even look for, from RabbitMQ 4.3.1 on. Exchanges
// and retry tiers say themselves when they are not there: at the first message.
async function lookFor(model: ChannelModel, queues: Topology['queues']): Promise<void> {
  const missing: string[] = [];
  const asking = new Asking(model);
  try {
    for (const { id, ...part } of partsOf({ queues })) {
      const refused = await asking.ask(isThere({ id, ...part }));
      if (refused?.code === notFound) missing.push(id);
      else if (refused !== undefined && lackingOf(refused) === undefined) throw refused;
    }
  } finally {
    await asking.end();
  }
  if (missing.length > 0) throw new TopologyMissing(missing);
}

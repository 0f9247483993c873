export type Accounts = ReturnType<typeof accountsOf>;

export interface Evidence {
  sent: Set<number>;
  /** Whose sender was told that they are committed. */
  committed: Set<number>;
  confirmed: Set<number>;
  /** Still in the outbox after the broker had them back at least once. */
  returned: Set<number>;
  /** Confirmed messages that carry no job, such as malformed ones. */
  anonymous: number;
  /** The job of each effect. */
  effects: number[];
  dead: number;
  /** In the queues when all processes have ended. */
  left: number;
  faults: number;
  /** Processes that ended by themselves. */
  crashes: number;
}

/** What became of every message of a drill. Counts of messages, but for `faults` and `crashes`. */
export function accountsOf(evidence: Evidence) {
  const { sent, confirmed, returned, anonymous, dead, left, faults, crashes } = evidence;
  const gone = [...evidence.committed].filter((job) => !sent.has(job));
  const done = new Set(evidence.effects);
  const undone = [...confirmed].filter((job) => !done.has(job)).length;
  const unknown = [...sent].filter((job) => !confirmed.has(job) && !returned.has(job));
  return {
    published: sent.size + anonymous,
    confirmed: confirmed.size + anonymous,
    returned: returned.size,
    unknown: unknown.length,
    // Committed by the sender's transaction, and without any effect.
    unsent: unknown.filter((job) => !done.has(job)).length,
    effects: done.size,
    // Confirmed, and neither done nor dead nor in a queue.
    lost: Math.max(0, undone + anonymous - dead - left),
    // Committed, the sender was told, and the database knows nothing of them.
    gone: gone.length,
    // Their messages were on their way already.
    goneAndDone: gone.filter((job) => done.has(job)).length,
    duplicates: evidence.effects.length - done.size,
    ...{ dead, left, faults, crashes },
  };
}

/** @returns what is wrong with the accounts, a phrase each; none when the drill has passed */
export function violationsOf(
  accounts: Accounts,
  expected: { dead: number; loses?: boolean },
): string[] {
  const { published, confirmed, returned, unknown, effects, dead, lost, gone } = accounts;
  const found: string[] = [];
  if (published === 0) found.push('nothing was published');
  if (accounts.faults === 0) found.push('no fault happened');
  if (published !== confirmed + returned + unknown) found.push('the accounts do not add up');
  if (expected.loses) {
    if (gone === 0 || lost === 0) found.push('nothing was lost, and the drill shows nothing');
  } else {
    if (lost > 0) found.push(`${lost} lost`);
    if (gone > 0) found.push(`${gone} committed, and gone`);
    if (effects + dead > published) found.push('more came out than went in');
  }
  if (accounts.duplicates > 0) found.push(`${accounts.duplicates} done twice`);
  if (accounts.left > 0) found.push(`${accounts.left} left in queues`);
  if (accounts.crashes > 0) found.push(`${accounts.crashes} processes crashed`);
  if (dead !== expected.dead) found.push(`${dead} dead instead of ${expected.dead}`);
  if (returned > 0) found.push(`${returned} still wait in the outbox`);
  if (accounts.unsent > 0) found.push(`${accounts.unsent} committed, but never sent`);
  return found;
}

/** What asynchronous replication has lost, in words. */
export function lossOf({ gone, goneAndDone, lost }: Accounts): string[] {
  return [
    `${gone} answered commits are gone, and the effect of ${goneAndDone} of them stays`,
    `${lost} effects are gone, and their messages acknowledged`,
  ];
}

/**
 * Of each key: its effects come in the order of its sending, one that has none left out.
 * @returns a phrase for each key of which they do not
 */
export function disorder(
  sent: readonly number[],
  effects: readonly number[],
  keyOf: (job: number) => string,
): string[] {
  const done = new Set(effects);
  return [...new Set(sent.map(keyOf))].flatMap((key) => {
    const ofKey = (jobs: readonly number[]) => jobs.filter((job) => keyOf(job) === key);
    const [wanted, found] = [ofKey(sent).filter((job) => done.has(job)), ofKey(effects)];
    const at = found.findIndex((job, index) => job !== wanted[index]);
    return at === -1 ? [] : [`${key}: job ${found[at]} where ${wanted[at]} was to come`];
  });
}
